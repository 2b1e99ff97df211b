#!/bin/sh
# fuzz/run.sh TARGET SECONDS: libFuzzer with AddressSanitizer for one target, the flags of cargo-fuzz set by hand.
set -eu
target=$1
seconds=$2
cd "$(dirname "$0")"
host=$(rustc +nightly -vV | sed -n 's/^host: //p')
RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
 -Cllvm-args=-sanitizer-coverage-trace-compares -Zsanitizer=address -Ccodegen-units=1 -Cdebug-assertions
 -Coverflow-checks"
RUSTFLAGS=$(echo "$RUSTFLAGS" | tr -d '\n') cargo +nightly build --release --target "$host" --bin "$target"
export ASAN_OPTIONS=detect_leaks=0
mkdir -p "corpus/$target" "artifacts/$target"
if [ "$target" = idx ]; then
    # Two images of 2 x 3 and three labels, plain and packed.
    printf '\0\0\10\3\0\0\0\2\0\0\0\2\0\0\0\3abcdefghijkl' > corpus/idx/images
    printf '\0\0\10\1\0\0\0\3\1\2\11' > corpus/idx/labels
    for seed in images labels; do gzip -c corpus/idx/$seed > corpus/idx/$seed.gz; done
else
    cp ../fixtures/weights/*."$target" "corpus/$target/"
fi
exec "target/$host/release/$target" "corpus/$target" -artifact_prefix="artifacts/$target/" \
    -max_total_time="$seconds" -max_len=4096 -malloc_limit_mb=64 -rss_limit_mb=1024 -timeout=10 -print_final_stats=1
