// SPDX-License-Identifier: GPL-2.0-or-later
/* result_plot: records as pictures, drawn by the program gnuplot. */
#include "sevpinbench/result_plot.h"

#include "gnuplot.h"
#include "plot.h"
#include "sevpinbench/cell_view.h"
#include "sevpinbench/file_beside.h"
#include "sevpinbench/result_bars.h"
#include "sevpinbench/sys.h"

#include <errno.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#define TIME_LIMIT_MS 60000

static const char *const kind_text[] = {"startup", "phases", "pins",	 "cost",
					"dist",	   "faults", "published"};
static const char *const format_text[] = {"svg", "png", "pdf", "term"};
static const char *const theme_text[] = {"light", "dark"};
static const char *const size_text[] = {"readme", "slide"};
_Static_assert(sizeof(kind_text) / sizeof(kind_text[0]) == PLOT_KIND_COUNT, "a word each");
_Static_assert(sizeof(format_text) / sizeof(format_text[0]) == PLOT_FORMAT_COUNT, "a word each");
_Static_assert(sizeof(theme_text) / sizeof(theme_text[0]) == PLOT_THEME_COUNT, "a word each");
_Static_assert(sizeof(size_text) / sizeof(size_text[0]) == PLOT_SIZE_COUNT, "a word each");
const struct words words_plot_kind = {"plot", PLOT_KIND_COUNT, kind_text};
const struct words words_plot_format = {"plot format", PLOT_FORMAT_COUNT, format_text};
const struct words words_plot_theme = {"theme", PLOT_THEME_COUNT, theme_text};
const struct words words_plot_size = {"size", PLOT_SIZE_COUNT, size_text};

/* How a kind is drawn, and why it may be that it has nothing to draw. */
static const struct {
	int (*put)(const struct plot_job *j);
	const char *lacks;
} kinds[PLOT_KIND_COUNT] = {
	[PLOT_STARTUP] = {plot_startup_put, "no cell has a valid sample, or all have one size"},
	[PLOT_PHASES] = {plot_phases_put, "no cell has a valid sample"},
	[PLOT_PINS] = {plot_pins_put, "no cell has its pins counted"},
	[PLOT_COST] = {plot_cost_put, "no cell was touched to several shares (run --touch LIST)"},
	[PLOT_DIST] = {plot_dist_put, "no cell has a valid sample"},
	[PLOT_FAULTS] = {plot_faults_put, "no demand fault was served by this program"},
	[PLOT_PUBLISHED] = {plot_published_put, "no cell has a valid sample, or all have one size"},
};

int result_plot_script(const struct plot_request *q, const char *output, FILE *out)
{
	/* gnuplot reads "0.5", whatever the user's locale makes of the point. */
	locale_t c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0), former;
	struct cell_view v = {0};
	struct plot_job j = {
		.view = q->view ? q->view : &v, .style = q->style, .output = output, .out = out};
	int err;

	if (!c)
		return -ENOMEM;
	former = uselocale(c);
	err = q->view ? 0 : cell_view_open_several(&v, q->record, q->name, q->count);
	if (!err)
		err = kinds[q->kind].put(&j);
	if (!q->view)
		cell_view_close(&v);
	uselocale(former);
	freelocale(c);
	return err;
}

/* A file in memory, open for both ways; NULL and *err on failure. */
static FILE *open_memory(const char *name, int *err)
{
	int fd = gnuplot_memfd(name);
	FILE *file;

	*err = fd < 0 ? fd : 0;
	if (fd < 0)
		return NULL;
	file = fdopen(fd, "w+");
	if (!file) {
		*err = -ENOMEM;
		sys_close(&fd);
	}
	return file;
}

static int write_script(const struct plot_request *q, const char *output, FILE *script,
			struct fault *f)
{
	int err = result_plot_script(q, output, script);

	if (err == -ENODATA)
		return fault_set(f, ENODATA, "plot", "%s: %s",
				 words_text(&words_plot_kind, q->kind), kinds[q->kind].lacks);
	if (err)
		return fault_set(f, -err, "plot", "%s", words_text(&words_plot_kind, q->kind));
	if (fflush(script) != 0 || fseek(script, 0, SEEK_SET) != 0)
		return fault_set(f, EIO, "write", "gnuplot script");
	return 0;
}

/* Exit 0 proves little: gnuplot goes on after some failures. A picture has content. */
static int check_drawn(int fd, const char *path, const char *said, struct fault *f)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fault_set(f, errno, "stat", "%s", path);
	if (st.st_size > 0)
		return 0;
	fault_set(f, EIO, "gnuplot", "%s: it drew nothing%s%s", path, said[0] ? ": " : "", said);
	if (said[0] == '\0')
		fault_hint(f, "it gave no reason; a full disk is one");
	return -EIO;
}

int result_plot_hold_gnuplot(void)
{
	return gnuplot_hold();
}

int result_plot_draw(const struct plot_request *q, const char *path, struct fault *f)
{
	struct file_beside picture = {.fd = -1};
	char said[256];
	int err;
	FILE *script = open_memory("gnuplot script", &err);

	if (!script)
		return fault_set(f, -err, "open", "gnuplot script in memory");
	err = file_beside_open(&picture, path, f);
	if (err)
		goto out;
	err = write_script(q, picture.beside, script, f);
	if (!err)
		err = gnuplot_run(fileno(script), -1, TIME_LIMIT_MS, said, sizeof(said), f);
	if (!err)
		err = check_drawn(picture.fd, picture.path, said, f);
	if (!err)
		err = file_beside_commit(&picture, f);
	file_beside_abandon(&picture);
out:
	fclose(script);
	return err;
}

static int copy(int fd, FILE *out, struct fault *f)
{
	char buf[16384];
	off_t at = 0;
	ssize_t n;

	while ((n = sys_pread(fd, buf, sizeof(buf), at)) > 0) {
		fwrite(buf, 1, (size_t)n, out);
		at += n;
	}
	return n < 0 ? fault_set(f, (int)-n, "read", "the picture in memory") : 0;
}

/* Bars and spreads need no gnuplot. */
static int print_bars(const struct plot_request *q, FILE *out, struct fault *f)
{
	const struct bars_style style = {.columns = q->style.term_columns,
					 .unicode = q->style.term_unicode,
					 .colour = q->style.term_colour};
	int err = (q->kind == PLOT_DIST ? result_bars_print_spread : result_bars_print)(
		q->record, q->name, q->count, &style, out);

	return err ? fault_set(f, -err, "plot", "%s: %s", words_text(&words_plot_kind, q->kind),
			       err == -ENODATA ? kinds[q->kind].lacks : "")
		   : 0;
}

int result_plot_print(const struct plot_request *q, FILE *out, struct fault *f)
{
	FILE *script, *picture;
	char said[256];
	int err;

	if (q->style.format == PLOT_FORMAT_TERM && (q->kind == PLOT_DIST || q->kind == PLOT_PHASES))
		return print_bars(q, out, f);
	picture = open_memory("picture", &err);
	script = picture ? open_memory("gnuplot script", &err) : NULL;
	if (!script) {
		if (picture)
			fclose(picture);
		return fault_set(f, -err, "open", "picture in memory");
	}
	err = write_script(q, "/dev/stdout", script, f);
	if (!err)
		err = gnuplot_run(fileno(script), fileno(picture), TIME_LIMIT_MS, said,
				  sizeof(said), f);
	if (!err)
		err = check_drawn(fileno(picture), "picture", said, f);
	if (!err)
		err = copy(fileno(picture), out, f);
	fclose(script);
	fclose(picture);
	return err;
}
