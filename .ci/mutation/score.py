"""score.py LAB: killed of viable by module with 95 % Clopper–Pearson intervals, and the survivors."""
import collections, json, math, sys


def tail(k, n, p):
    """P(Bin(n, p) ≥ k)."""
    return sum(math.comb(n, j) * p**j * (1 - p)**(n - j) for j in range(k, n + 1))


def root(rising, level):
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < level else (low, middle)
    return low


def interval(k, n):
    low = root(lambda p: tail(k, n, p), 0.025) if k else 0.0
    high = root(lambda p: tail(k + 1, n, p), 0.975) if k < n else 1.0
    return low, high


lab = sys.argv[1]
results = {r['name']: r for r in map(json.loads, open(f'{lab}/results.jsonl'))}.values()
state = json.load(open(f'{lab}/mutants.json'))
modules = collections.defaultdict(list)
for r in results:
    for key in [r['name'].split('/')[1].split('.')[0].split(':')[0], 'all']:
        modules[key].append(r['verdict'] != 'missed')
for module, killed in sorted(modules.items(), key=lambda item: (item[0] == 'all', item[0])):
    k, n = sum(killed), len(killed)
    print('{:12}{:4} of {:4} = {:5.1f} %  [{:.1%}, {:.1%}]'.format(module, k, n, 100 * k / n, *interval(k, n)))
print(sum(r['verdict'] == 'timeout' for r in results), 'by time;', len(state['viable']) - len(results), 'not yet run;',
      len(state['unviable']), 'not viable')
for r in sorted(results, key=lambda r: r['name']):
    if r['verdict'] == 'missed':
        print('survived', r['name'])
