"""lab.py LAB LIST: the mutants named in the file LIST (one a line) as one test binary, LAB/exe.

The lab is a crate of the modules under mutation, of those they need, and of their tests: one rustc call and one
link. A function body with mutants 17 and 18 becomes { match crate::mutant() { 17 => {…}, 18 => {…}, _ => {…} } },
and the process reads its number from RMT_MUTANT. Mutants that do not compile are found by `cargo check` and left
out; those outside functions (constants) get a binary of their own, LAB/exe.<number>. LAB/list.json is the output of
`cargo mutants --list --json` for this checkout."""
import collections, json, os, re, shutil, subprocess, sys, tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAB = Path(sys.argv[1]).resolve()
names = [line.strip() for line in open(sys.argv[2]) if line.strip()]
listing = {m['name']: m for m in json.load(open(LAB / 'list.json'))}
ids = {name: i for i, name in enumerate(sorted(listing), 1)}
back = {i: name for name, i in ids.items()}
MODULES = 'measure free ensemble spectrum statistic confidence design evidence verdict'.split()
ACTIVE = '''
/// The mutant that is active in this process; 0: none.
#[inline]
pub fn mutant() -> u32 {
    static ACTIVE: std::sync::LazyLock<u32> = std::sync::LazyLock::new(|| {
        std::env::var("RMT_MUTANT").ok().and_then(|s| s.parse().ok()).unwrap_or(0)
    });
    *ACTIVE
}
'''


def put(path, text):
    """Writes what differs only, so that cargo sees what changed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def make_crate():
    for folder in ['tests', 'docs', 'fixtures']:
        shutil.rmtree(LAB / folder, ignore_errors=True)
        shutil.copytree(ROOT / folder, LAB / folder)
    lib = ['extern crate self as rmt_verify;'] + [f'pub mod {m};' for m in MODULES]
    arguments = tomllib.load(open(ROOT / '.cargo/mutants.toml', 'rb'))['additional_cargo_test_args']
    for test in (a for a in arguments if a != '--test'):
        folder = LAB / 'tests' / test
        for path in folder.glob('*.rs'):  # a test crate that became a module; suites of claims stay out
            text = re.sub(r'\bcrate::', 'super::', path.read_text())
            path.write_text(re.sub(r'^mod suite;\n', '', text, flags=re.M))
        path = f'tests/{test}/main.rs' if folder.is_dir() else f'tests/{test}.rs'
        lib.append(f'#[cfg(test)] #[path = "../{path}"] mod t_{test};')
    put(LAB / 'src/lib.rs', '\n'.join(lib) + ACTIVE)
    manifest = (ROOT / 'Cargo.toml').read_text()
    manifest = re.sub(r'^(\[\[|\[lints)[\s\S]*?(\n\n|\Z)', '', manifest, flags=re.M)
    manifest = re.sub(r'^readme.*\n', '', manifest, flags=re.M)
    for profile in ['dev', 'test']:
        manifest += f'\n[profile.{profile}.package.rmt-verify]\nopt-level = 1\ncodegen-units = 256\n'
    put(LAB / 'Cargo.toml', manifest)
    shutil.copy(ROOT / 'Cargo.lock', LAB / 'Cargo.lock')


class Source:
    def __init__(self, path):
        self.text = (ROOT / path).read_text()
        self.starts = [0]
        for line in self.text.split('\n'):
            self.starts.append(self.starts[-1] + len(line) + 1)

    def span(self, span):
        return [self.starts[span[e]['line'] - 1] + span[e]['column'] - 1 for e in ('start', 'end')]


sources = {f'src/{p.relative_to(ROOT / "src")}': None for m in MODULES
           for p in [ROOT / f'src/{m}.rs', *(ROOT / 'src' / m).rglob('*.rs')]}
sources = {path: Source(path) for path in sources}


def body_of(text):
    """Index of the brace that opens the body of a function item."""
    i = depth = 0
    while not (text[i] == '{' and depth == 0):
        if text.startswith('//', i):
            i = text.index('\n', i)
        elif text[i] == '"':
            i = re.compile(r'"(\\.|[^"\\])*"').match(text, i).end() - 1
        depth += (text[i] in '([') - (text[i] in ')]')
        i += 1
    return i


def write(active, plain=None):
    """Writes the sources with these mutants; returns which lines belong to which of them."""
    files = collections.defaultdict(lambda: collections.defaultdict(list))
    for name in active:
        m = listing[name]
        files[m['file']][tuple(sources[m['file']].span(m['function']['span']))].append(m)
    owners = {}
    for path, source in sources.items():
        out, at, s = [], 0, source.text
        if plain and plain['file'] == path:
            x, y = source.span(plain['span'])
            s = s[:x] + plain['replacement'] + s[y:]
        functions = sorted(files[path])
        for inner in functions:  # a function inside another one: its mutants are mutants of the outer body
            outer = [f for f in functions if f[0] < inner[0] and inner[1] < f[1]]
            if outer:
                files[path][outer[0]] += files[path].pop(inner)
        for (a, b), mutants in sorted(files[path].items()):
            brace = a + body_of(s[a:b])
            out += [s[at:a], re.sub(r'\bconst fn\b', 'fn', s[a:brace]), '{ match crate::mutant() {\n']
            for m in mutants:
                x, y = source.span(m['span'])
                body = s[brace:x] + ' ' + m['replacement'] + ' ' + s[y:b]
                out.append(f'/*@{ids[m["name"]]}*/ {ids[m["name"]]} => {body}\n/*@*/\n')
            out.append('_ => ' + s[brace:b] + '\n} }')
            at = b
        text, owner = ''.join(out) + s[at:], 0
        put(LAB / path, text)
        owners[path] = []
        for line in text.split('\n'):
            mark = re.search(r'/\*@(\d*)\*/', line)
            owner = int(mark[1] or 0) if mark else owner
            owners[path].append(owner)
    return owners


def cargo(*arguments):
    r = subprocess.run(['cargo', *arguments, '--message-format=json'], cwd=LAB, capture_output=True, text=True)
    return r, [json.loads(line) for line in r.stdout.split('\n') if line.startswith('{')]


def build(target):
    r, messages = cargo('test', '--lib', '--no-run')
    if r.returncode:
        return False
    shutil.copy([m['executable'] for m in messages if m.get('executable')][-1], target)
    return True


make_crate()
unviable = {}
active = [name for name in names if listing[name]['function']]
while True:
    owners, bad = write(active), {}
    r, messages = cargo('check', '--lib', '--profile', 'test')
    for message in (m['message'] for m in messages if m.get('reason') == 'compiler-message'):
        spans = [s for s in message['spans'] if s['file_name'] in owners] if message['level'] == 'error' else []
        spans.sort(key=lambda s: not s['is_primary'])
        hits = [owners[s['file_name']][s['line_start'] - 1] for s in spans]
        bad.update({hit: message['message'] for hit in hits[:1] if hit})
    print('check: exit', r.returncode, 'unviable', len(bad), flush=True)
    if r.returncode == 0:
        break
    if not bad:
        sys.exit(r.stderr[-3000:])
    unviable.update({back[i]: text for i, text in bad.items()})
    active = [name for name in active if name not in unviable]
assert build(LAB / 'exe')
alone = []
for name in (name for name in names if not listing[name]['function']):
    write([], plain=listing[name])
    if build(LAB / f'exe.{ids[name]}'):
        alone.append(name)
    else:
        unviable[name] = 'a constant that does not compile'
viable = {name: ids[name] for name in [*active, *alone]}
json.dump({'viable': viable, 'alone': alone, 'unviable': unviable}, open(LAB / 'mutants.json', 'w'), indent=1)
for name in ['base.txt', 'results.jsonl']:
    (LAB / name).unlink(missing_ok=True)
print(len(viable), 'viable', len(unviable), 'not')
