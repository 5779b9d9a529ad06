// SPDX-License-Identifier: GPL-2.0-or-later
/* result_plot: a record as pictures, drawn by the program gnuplot. */
#include "sevpinbench/result_plot.h"

#include "cell_view.h"
#include "gnuplot.h"
#include "plot.h"
#include "sevpinbench/file_beside.h"
#include "sevpinbench/sys.h"

#include <errno.h>
#include <locale.h>
#include <sys/stat.h>

#define TIME_LIMIT_MS 60000

static const char *const kind_text[] = {"startup", "phases"};
static const char *const format_text[] = {"svg", "png"};
_Static_assert(sizeof(kind_text) / sizeof(kind_text[0]) == PLOT_KIND_COUNT, "a word each");
_Static_assert(sizeof(format_text) / sizeof(format_text[0]) == PLOT_FORMAT_COUNT, "a word each");
const struct words words_plot_kind = {"plot", PLOT_KIND_COUNT, kind_text};
const struct words words_plot_format = {"plot format", PLOT_FORMAT_COUNT, format_text};

static int (*const put_script[PLOT_KIND_COUNT])(const struct cell_view *v, enum plot_format format,
						const char *output, FILE *out) = {
	[PLOT_STARTUP] = plot_startup_put,
	[PLOT_PHASES] = plot_phases_put,
};

int result_plot_script(const struct record *r, enum plot_kind kind, enum plot_format format,
		       const char *output, FILE *out)
{
	/* gnuplot reads "0.5", whatever the user's locale makes of the point. */
	locale_t c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0), former;
	struct cell_view v;
	int err;

	if (!c)
		return -ENOMEM;
	former = uselocale(c);
	err = cell_view_open(&v, r);
	if (!err) {
		err = put_script[kind](&v, format, output, out);
		cell_view_close(&v);
	}
	uselocale(former);
	freelocale(c);
	return err;
}

/* A file in memory, open for both ways; NULL and *err on failure. */
static FILE *open_script(int *err)
{
	int fd = gnuplot_memfd("gnuplot script");
	FILE *script;

	*err = fd < 0 ? fd : 0;
	if (fd < 0)
		return NULL;
	script = fdopen(fd, "w+");
	if (!script) {
		*err = -ENOMEM;
		sys_close(&fd);
	}
	return script;
}

static int write_script(const struct record *r, enum plot_kind kind, enum plot_format format,
			const char *output, FILE *script, struct fault *f)
{
	int err = result_plot_script(r, kind, format, output, script);

	if (err == -ENODATA)
		return fault_set(f, ENODATA, "plot", "%s: no cell has a valid sample",
				 words_text(&words_plot_kind, kind));
	if (err)
		return fault_set(f, -err, "plot", "%s", words_text(&words_plot_kind, kind));
	if (fflush(script) != 0 || fseek(script, 0, SEEK_SET) != 0)
		return fault_set(f, EIO, "write", "gnuplot script");
	return 0;
}

/* Exit 0 proves little: gnuplot goes on after some failures. A picture has content. */
static int check_drawn(const struct file_beside *b, const char *said, struct fault *f)
{
	struct stat st;

	if (fstat(b->fd, &st) < 0)
		return fault_set(f, errno, "stat", "%s", b->beside);
	if (st.st_size > 0)
		return 0;
	fault_set(f, EIO, "gnuplot", "%s: it drew nothing%s%s", b->path, said[0] ? ": " : "", said);
	if (said[0] == '\0')
		fault_hint(f, "it gave no reason; a full disk is one");
	return -EIO;
}

int result_plot_hold_gnuplot(void)
{
	return gnuplot_hold();
}

int result_plot_draw(const struct record *r, enum plot_kind kind, enum plot_format format,
		     const char *path, struct fault *f)
{
	struct file_beside picture = {.fd = -1};
	char said[256];
	int err;
	FILE *script = open_script(&err);

	if (!script)
		return fault_set(f, -err, "open", "gnuplot script in memory");
	err = file_beside_open(&picture, path, f);
	if (err)
		goto out;
	err = write_script(r, kind, format, picture.beside, script, f);
	if (!err)
		err = gnuplot_run(fileno(script), TIME_LIMIT_MS, said, sizeof(said), f);
	if (!err)
		err = check_drawn(&picture, said, f);
	if (!err)
		err = file_beside_commit(&picture, f);
	file_beside_abandon(&picture);
out:
	fclose(script);
	return err;
}
