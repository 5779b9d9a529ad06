// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * html: the page around a report, and text as HTML's. The page asks for nothing from anywhere: its
 * policy (CSP) forbids it, and allows no script but the one below, by its SHA-256.
 */
#include "report.h"
#include "sevpinbench/plain_text.h"

#include <string.h>

/* Without quotes and brackets that would need a second look: it is printed as it is. */
#define SCRIPT                                                                                     \
	"document.querySelectorAll('th button').forEach(function(b){\n"                            \
	"b.addEventListener('click',function(){\n"                                                 \
	"var h=b.parentNode,n=h.cellIndex,t=h.closest('table').tBodies[0];\n"                      \
	"var up=h.getAttribute('aria-sort')!=='ascending';\n"                                      \
	"h.parentNode.querySelectorAll('th').forEach(function(x){x.removeAttribute('aria-sort')})" \
	";\n"                                                                                      \
	"h.setAttribute('aria-sort',up?'ascending':'descending');\n"                               \
	"Array.from(t.rows).sort(function(x,y){\n"                                                 \
	"var p=x.cells[n],q=y.cells[n],d=p.dataset.k===undefined?\n"                               \
	"p.textContent.localeCompare(q.textContent,'en',{numeric:true}):\n"                        \
	"Number(p.dataset.k)-Number(q.dataset.k);\n"                                               \
	"return up?d:-d}).forEach(function(r){t.appendChild(r)})})})\n"
#define SCRIPT_SHA256 "D398FMcxpSgt51I3Jd4me6VdE7uFeb4yWPdBdz+fKOk="

static const char style[] =
	":root{color-scheme:light dark;--paper:#fff;--text:#111;--soft:#444;--line:#d4d4d4;"
	"--stripe:#f4f6f8;--alarm:#b34700}\n"
	"@media screen and (prefers-color-scheme:dark){:root{--paper:#14171c;--text:#f0f0f0;"
	"--soft:#b4b8bf;--line:#39404a;--stripe:#1c2128;--alarm:#ffa057}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;padding:1rem clamp(.75rem,3vw,3rem) 3rem;max-width:2600px;"
	"background:var(--paper);color:var(--text);font:clamp(15px,.55vw + 11px,26px)/1.5 "
	"system-ui,sans-serif}\n"
	"h1{font-size:1.7em;line-height:1.2;margin:.6em 0}\n"
	"h2{font-size:1.2em;line-height:1.3;margin:1.6em 0 .5em;overflow-wrap:anywhere}\n"
	"ul{padding-left:1.2em;margin:.5em 0}li,p{max-width:110ch;overflow-wrap:anywhere}\n"
	".alarm{color:var(--alarm)}\n"
	".plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,46rem),1fr));"
	"gap:1.5rem;align-items:start}\n"
	"figure{margin:0}img{display:block;width:100%;height:auto;border:1px solid var(--line)}\n"
	"img.dark{display:none}\n"
	"@media screen and (prefers-color-scheme:dark){img.dark{display:block}img.light{display:"
	"none}}\n"
	"figcaption{color:var(--soft);font-size:.9em;margin-top:.3em}\n"
	".wide{overflow-x:auto}\n"
	"table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9em}\n"
	"caption{text-align:left;color:var(--soft);padding:.2em 0}\n"
	"th,td{padding:.25em .7em;text-align:left;white-space:nowrap;border-bottom:1px solid "
	"var(--line)}\n"
	".n{text-align:right}tbody tr:nth-child(even){background:var(--stripe)}\n"
	"th button{all:unset;cursor:pointer;font-weight:600;white-space:normal}\n"
	"th button:focus-visible{outline:2px solid}\n"
	"th[aria-sort=ascending] button::after{content:' \\2191'}\n"
	"th[aria-sort=descending] button::after{content:' \\2193'}\n"
	"dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.2em 1em;margin:0}\n"
	"dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}\n"
	"@media (max-width:520px){dl{grid-template-columns:1fr}dd{margin-bottom:.5em}}\n"
	"footer{margin-top:2.5em;color:var(--soft);font-size:.85em}\n"
	"@media print{body{max-width:none;font-size:10pt;padding:0}.plots{display:block}"
	"figure,tr,li{break-inside:avoid}figure{margin-bottom:1em}"
	"img{max-height:24cm;max-width:17cm;object-fit:contain}.wide{overflow:visible}"
	"table{font-size:7pt}th button{display:contents}th,td{padding:.15em "
	".4em;white-space:normal}h2{break-after:avoid}}\n";

void html_put_text(const char *text, FILE *out)
{
	static const char special[] = "&<>\"'";
	static const char *const entity[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
	char plain[8192];
	const char *p, *found;

	for (p = plain_text(text, SIZE_MAX, plain, sizeof(plain)); *p != '\0'; p++) {
		found = strchr(special, *p);
		if (found)
			fputs(entity[found - special], out);
		else
			fputc(*p, out);
	}
}

void html_put_base64(const unsigned char *bytes, size_t n, FILE *out)
{
	static const char digit[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	for (i = 0; i < n; i += 3) {
		unsigned triple = (unsigned)bytes[i] << 16 |
				  (i + 1 < n ? (unsigned)bytes[i + 1] << 8 : 0) |
				  (i + 2 < n ? (unsigned)bytes[i + 2] : 0);

		fputc(digit[triple >> 18], out);
		fputc(digit[triple >> 12 & 63], out);
		fputc(i + 1 < n ? digit[triple >> 6 & 63] : '=', out);
		fputc(i + 2 < n ? digit[triple & 63] : '=', out);
	}
}

void html_put_head(FILE *out)
{
	fprintf(out,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"img-src data:; style-src 'unsafe-inline'; script-src 'sha256-%s'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<title>Guest startup and pinned memory</title>\n<link rel=\"icon\" "
		"href=\"data:,\">\n"
		"<style>\n%s</style>\n</head>\n<body>\n",
		SCRIPT_SHA256, style);
}

void html_put_tail(FILE *out)
{
	fprintf(out, "<script>%s</script>\n</body>\n</html>\n", SCRIPT);
}
