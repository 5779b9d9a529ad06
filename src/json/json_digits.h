/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json_digits: a number of digits alone. Behind the text there must be eight bytes to be read. */
#ifndef JSON_DIGITS_H
#define JSON_DIGITS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define JSON_DIGITS_MAX 18 /* so many fit an int64_t, whatever they are */

#define JSON_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * Up to eight digits at once, for most of a document is digits: their number, and how many. In a
 * word of eight characters the first is the lowest byte, as x86 has it. "0" to "9" have the values
 * 0 to 9 when their upper half is turned around, all others more than 9.
 */
static inline unsigned json_take_digits(const char *p, uint64_t *number)
{
	uint64_t word, others;
	unsigned n;

	memcpy(&word, p, sizeof(word));
	word ^= JSON_EACH('0');
	others = (word | ((word & JSON_EACH(0x7f)) + JSON_EACH(0x76))) & JSON_EACH(0x80);
	n = others ? (unsigned)__builtin_ctzll(others) / 8 : 8;
	if (n == 0)
		return 0;
	/* Those that are missing become zeros in front; then pairs are joined, and pairs of these.
	 */
	word <<= 64 - 8 * n;
	word = (word * 10 + (word >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	word = (word * 100 + (word >> 16)) & UINT64_C(0x0000ffff0000ffff);
	*number = (word * 10000 + (word >> 32)) & UINT64_C(0xffffffff);
	return n;
}

/* Digits, without a needless zero before them. */
static inline const char *json_digits(const char *p, uint64_t *number)
{
	static const uint32_t ten_to_the[] = {1,      10,      100,	 1000,	   10000,
					      100000, 1000000, 10000000, 100000000};
	const char *first = p;
	uint64_t sum = 0, part = 0;
	unsigned n;

	do {
		n = json_take_digits(p, &part);
		sum = n ? sum * ten_to_the[n] + part : sum;
		p += n;
	} while (n == 8);
	*number = sum;
	if (p == first || p - first > JSON_DIGITS_MAX || (*first == '0' && p - first > 1))
		return NULL;
	return p;
}

#endif
