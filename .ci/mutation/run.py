"""run.py LAB: runs the mutants of LAB/mutants.json, a line of JSON each to LAB/results.jsonl; goes on where it stopped.

A mutant is killed by a failing test, a crash, or ten times the processor time that its tests take without it. Quick
tests come first; a mutant meets only the tests of modules that call its own, which can but lower the score."""
import json, os, random, re, resource, subprocess, sys, time
from pathlib import Path

LAB = Path(sys.argv[1]).resolve()
MATH = ['measure', 'free', 'statistic', 'properties_free', 'properties_measure', 'reference_free',
        'reference_measure', 'finite_size', 'spectrum']
STATISTICS = ['confidence', 'design', 'evidence', 'verdict', 'coverage', 'verdicts']
REACH = {'measure': MATH, 'free': MATH, 'statistic': MATH, 'confidence': STATISTICS, 'verdict': STATISTICS,
         'ensemble': ['ensemble', 'value_stability', 'spectrum', 'finite_size', 'free', 'statistic', 'confidence',
                      'coverage', 'tridiagonal']}
LIMITS = [0.03, 0.4, float('inf')]  # seconds a test of each round takes
environment = dict(os.environ, RUSTC_BOOTSTRAP='1', PROPTEST_RNG_SEED='0', PROPTEST_MAX_SHRINK_ITERS='0',
                   PROPTEST_DISABLE_FAILURE_PERSISTENCE='true', RUST_TEST_THREADS='1', CARGO_MANIFEST_DIR=str(LAB))


def run(exe, mutant, cpu, arguments):
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
        resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return subprocess.run([exe, '-Z', 'unstable-options', *arguments], cwd=LAB, preexec_fn=limit, text=True,
                          env=dict(environment, RMT_MUTANT=str(mutant)), errors='replace',
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


base = LAB / 'base.txt'
if not base.exists():
    result = run(LAB / 'exe', 0, 3600, ['--report-time'])
    assert result.returncode == 0, result.stdout
    base.write_text(result.stdout)
times = {m[1]: float(m[2]) for m in re.finditer(r'^test (\S+)(?: - should panic)? \.\.\. ok <([\d.]+)s>',
                                                base.read_text(), re.M)}
state = json.load(open(LAB / 'mutants.json'))
results = LAB / 'results.jsonl'
done = {json.loads(line)['name'] for line in open(results)} if results.exists() else set()
order = sorted(set(state['viable']) - done)
random.Random(5).shuffle(order)
with open(results, 'a') as out:
    for name in order:
        started, number = time.time(), state['viable'][name]
        exe = LAB / (f'exe.{number}' if name in state['alone'] else 'exe')
        reach = REACH[re.match(r'src/([a-z]+)', name)[1]]
        mine = [t for t in times if t.split('::')[0].removeprefix('t_') in reach]
        verdict, why, least = 'missed', '', -1
        for most in LIMITS:
            tests = [t for t in mine if least < times[t] <= most]
            least = most
            if not tests:
                continue
            cpu = 5 + int(10 * sum(times[t] for t in tests))
            result = run(exe, number, cpu, ['--fail-fast', '--exact', *tests])
            if result.returncode:
                failed = re.search(r'^test (\S+).*FAILED', result.stdout, re.M)
                verdict = 'timeout' if result.returncode in (-24, -9) else 'killed'
                why = failed[1] if failed else f'exit {result.returncode}'
                break
        seconds = round(time.time() - started, 1)
        out.write(json.dumps({'name': name, 'verdict': verdict, 'why': why, 'seconds': seconds}) + '\n')
        out.flush()
