"""Prints which of the first 40 rows a split by random numbers takes for testing.

The numbers are those of L'Ecuyer's combined Tausworthe generator with a linear congruential part (Howes and Thomas,
GPU Gems 3, chapter 37), its four words filled from the seed by rounds of MurmurHash3.
"""
MASK = 0xFFFFFFFF


def murmur_round(hash_, chunk):
    chunk = chunk * 0xCC9E2D51 & MASK
    chunk = (chunk << 15 | chunk >> 17) & MASK
    chunk = chunk * 0x1B873593 & MASK
    hash_ ^= chunk
    hash_ = (hash_ << 13 | hash_ >> 19) & MASK
    return (hash_ * 5 + 0xE6546B64) & MASK


def numbers(seed):
    z = [seed]
    for _ in range(3):
        z.append(murmur_round(z[-1], seed))
    while True:
        for i, (s1, s2, s3, m) in enumerate([(13, 19, 12, ~1), (2, 25, 4, ~7), (3, 11, 17, ~15)]):
            z[i] = ((z[i] & m) << s3 & MASK) ^ (((z[i] << s1 & MASK) ^ z[i]) >> s2)
        z[3] = (1664525 * z[3] + 1013904223) & MASK
        yield ((z[0] ^ z[1] ^ z[2] ^ z[3]) >> 9) / 2**23


def test_rows(seed, fraction, count=40):
    return [row for row, number in zip(range(count), numbers(seed)) if number < fraction]


print("seed 1, fraction 0.25:", test_rows(1, 0.25))
print("no seed (42), fraction 0.25:", test_rows(42, 0.25))
