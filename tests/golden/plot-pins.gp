$life0 << END
0 0
1 100
2 100
3 100
4 0
END
$touch0 << END
1 100
10 100
50 100
100 100
END
$life1 << END
0 0
1 0
2 0.195312
3 1.17188
4 0
END
$touch1 << END
1 1.17188
10 10.1562
50 50.1953
100 100.195
END
$life2 << END
0 0
1 0
2 0
3 0
4 0
END
$touch2 << END
1 0
10 0
50 0
100 0
END
$area_life << END
0 0 0
1 0 100
2 0.195312 100
3 1.17188 100
4 0 0
END
$area_touch << END
1 1.17188 100
10 10.1562 100
50 50.1953 100
100 100.195 100.195
END
set terminal svg noenhanced size 900,560 font "sans-serif,12" background rgb "#FFFFFF"
set output "./out/picture"
set encoding utf8
set decimalsign "."
set label "How much of a guest is pinned" at screen 16.0/900, screen 1-28.0/560 left noenhanced font ",18" textcolor rgb "#000000"
set label "testhost, virtual (KVMKVMKVM): AMD EPYC 7763 64-Core Processor, Linux 6.1.0-40-amd64, 2026-11-23" at screen 16.0/900, screen 1-50.0/560 left noenhanced font ",11" textcolor rgb "#444444"
set label "no SEV: pins by io_uring; backing anon, 1 vCPU, touched seq write, chunk 2M, no prefault" at screen 16.0/900, screen 1-66.0/560 left noenhanced font ",11" textcolor rgb "#444444"
set label "medians of pages by this program's account; of sizes the largest; equal lines hide each other" at screen 16.0/900, screen 1-546.0/560 left noenhanced font ",11" textcolor rgb "#444444"
set key at screen 0.5, screen 28.0/560 center bottom horizontal maxcols 1 Left reverse noenhanced textcolor rgb "#000000"
set tmargin at screen 1-90.0/560
set rmargin at screen 1-28.0/900
set bmargin at screen 152.0/560
set border 3 linecolor rgb "#888888"
set tics nomirror out textcolor rgb "#000000" noenhanced
set xlabel textcolor rgb "#000000"
set ylabel textcolor rgb "#000000"
set grid ytics linetype 1 linecolor rgb "#E4E4E4"
set multiplot
set xlabel "over the guest's life, 1% touched" noenhanced
set lmargin at screen 86.0/900
set rmargin at screen 430.0/900
set yrange [0:108]
set ytics ("0" 0, "25%%" 25, "50%%" 50, "75%%" 75, "100%%" 100)
set ylabel "pinned share of the guest's memory" noenhanced
set xrange [-0.2:4.2]
set xtics ("before" 0, "pinned" 1, "first instr." 2, "touched" 3, "destroyed" 4)
set label "what demand saves" at first 2, first 50.0977 center offset character 0, 0 front noenhanced font ",11" textcolor rgb "#000000"
plot $area_life using 1:2:3 with filledcurves fillcolor rgb "#DCEBF5" notitle, \
	$life0 using 1:2 with linespoints pointtype 7 pointsize 0.9 dashtype 1 linewidth 1.8 linecolor rgb "#D55E00" title "eager (io-uring) 1G, n 10", \
	$life1 using 1:2 with linespoints pointtype 5 pointsize 0.9 dashtype 2 linewidth 1.8 linecolor rgb "#0072B2" title "demand (userfault) 1G, n 10", \
	$life2 using 1:2 with linespoints pointtype 9 pointsize 0.9 dashtype 4 linewidth 1.8 linecolor rgb "#009E73" title "none (nothing pinned) 1G, n 10"
unset label
unset ylabel
unset key
set xlabel "after the touch, by the touched share" noenhanced
set lmargin at screen 500.0/900
set rmargin at screen 872.0/900
set yrange [0:108]
set ytics ("0" 0, "25%%" 25, "50%%" 50, "75%%" 75, "100%%" 100)
set xrange [0:104]
set xtics ("0" 0, "25%%" 25, "50%%" 50, "75%%" 75, "100%%" 100)
set label "what demand saves" at first 1, first 50.5859 left offset character 0.8, 0 front noenhanced font ",11" textcolor rgb "#000000"
plot $area_touch using 1:2:3 with filledcurves fillcolor rgb "#DCEBF5" notitle, \
	$touch0 using 1:2 with linespoints pointtype 7 pointsize 0.9 dashtype 1 linewidth 1.8 linecolor rgb "#D55E00" notitle, \
	$touch1 using 1:2 with linespoints pointtype 5 pointsize 0.9 dashtype 2 linewidth 1.8 linecolor rgb "#0072B2" notitle, \
	$touch2 using 1:2 with linespoints pointtype 9 pointsize 0.9 dashtype 4 linewidth 1.8 linecolor rgb "#009E73" notitle
unset multiplot

unset output
