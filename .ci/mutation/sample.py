"""sample.py LAB SEED SIZE [USED…]: a random sample of LAB/list.json, stratified by module; names in USED are left out."""
import collections, json, random, sys

lab, seed, size, *used = sys.argv[1:]
seen = {line.strip() for path in used for line in open(path)}
strata = collections.defaultdict(list)
for mutant in json.load(open(f'{lab}/list.json')):
    strata[mutant['file'].split('/')[1].removesuffix('.rs')].append(mutant['name'])
total = sum(map(len, strata.values()))
rng = random.Random(int(seed))
for module in sorted(strata):
    fresh = sorted(set(strata[module]) - seen)
    print('\n'.join(rng.sample(fresh, round(int(size) * len(strata[module]) / total))))
