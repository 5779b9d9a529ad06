// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plot_ink: colours, marks and dashes. The colours are Okabe and Ito's, told apart by the
 * colour-blind; marks and dashes differ as well, so a grey print can be read.
 */
#include "plot.h"

static const char *const inks[PLOT_THEME_COUNT][PLOT_INK_COUNT] = {
	[PLOT_THEME_LIGHT] = {"#FFFFFF", "#000000", "#444444", "#888888", "#E4E4E4", "#B34700",
			      "#DCEBF5"},
	[PLOT_THEME_DARK] = {"#14171C", "#F0F0F0", "#B4B8BF", "#7A808A", "#2E333B", "#FFA057",
			     "#1D3446"},
};

/* Vermillion, blue, green, purple, orange, black, sky blue; brighter ones on dark paper. */
static const char *const colours[PLOT_THEME_COUNT][7] = {
	[PLOT_THEME_LIGHT] = {"#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#000000",
			      "#56B4E9"},
	[PLOT_THEME_DARK] = {"#F0742B", "#56B4E9", "#1FBF8F", "#DE8FBB", "#F0E442", "#F0F0F0",
			     "#8FA8FF"},
};
static const unsigned marks[] = {7, 5, 9, 13, 11, 4, 6, 8, 12, 10};
static const unsigned dashes[] = {1, 2, 4, 3, 5};
#define COLOURS (sizeof(colours[0]) / sizeof(colours[0][0]))
#define MARKS	(sizeof(marks) / sizeof(marks[0]))
#define DASHES	(sizeof(dashes) / sizeof(dashes[0]))

const char *plot_ink(enum plot_theme theme, enum plot_ink ink)
{
	return inks[theme][ink];
}

const char *plot_line_colour(enum plot_theme theme, unsigned i)
{
	return colours[theme][i % COLOURS];
}

/* Where a colour comes back, mark and dashes are others. */
unsigned plot_line_mark(unsigned i)
{
	return marks[(i % COLOURS + i / COLOURS * 3) % MARKS];
}

unsigned plot_line_dashes(unsigned i)
{
	return dashes[(i % COLOURS + i / COLOURS) % DASHES];
}

void plot_line_styles(const struct cell_view *v, const uint32_t *cell, uint32_t count,
		      unsigned *style)
{
	bool mode_taken[PIN_MODE_COUNT] = {false};
	unsigned next = PIN_MODE_COUNT;
	uint32_t i;

	for (i = 0; i < count; i++) {
		unsigned mode = (unsigned)v->record->cell[cell[i]].cell.pin;

		if (mode < PIN_MODE_COUNT && !mode_taken[mode]) {
			mode_taken[mode] = true;
			style[i] = mode;
		} else {
			style[i] = next++;
		}
	}
}
