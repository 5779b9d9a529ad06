$run0 << END
0.0000 43087952
0.1111 40253870
0.2222 38813410
0.3333 41751562
0.4444 39026120
0.5556 41315473
0.6667 42174792
0.7778 41479208
0.8889 40704323
1.0000 42184330
END
$ecdf0 << END
1.1 38813410
1.1500 38813410
1.2000 39026120
1.2500 40253870
1.3000 40704323
1.3500 41315473
1.4000 41479208
1.4500 41751562
1.5000 42174792
1.5500 42184330
1.6000 43087952
END
$run1 << END
0.0000 161954645
0.1111 146222713
0.2222 149934843
0.3333 161203516
0.4444 161001229
0.5556 155392101
0.6667 158815842
0.7778 145350975
0.8889 152839140
1.0000 150895389
END
$ecdf1 << END
1.1 145350975
1.1500 145350975
1.2000 146222713
1.2500 149934843
1.3000 150895389
1.3500 152839140
1.4000 155392101
1.4500 158815842
1.5000 161001229
1.5500 161203516
1.6000 161954645
END
$run2 << END
0.0000 5787119
0.1111 5734182
0.2222 5929668
0.3333 6017784
0.4444 5716830
0.5556 5836719
0.6667 5825972
0.7778 5709863
0.8889 5987542
1.0000 5862005
END
$ecdf2 << END
1.1 5709863
1.1500 5709863
1.2000 5716830
1.2500 5734182
1.3000 5787119
1.3500 5825972
1.4000 5836719
1.4500 5862005
1.5000 5929668
1.5500 5987542
1.6000 6017784
END
$run3 << END
0.0000 6079382
0.1111 5910934
0.2222 6069482
0.3333 6057290
0.4444 5830311
0.5556 5993187
0.6667 5955793
0.7778 5789215
0.8889 5928968
1.0000 5996418
END
$ecdf3 << END
1.1 5789215
1.1500 5789215
1.2000 5830311
1.2500 5910934
1.3000 5928968
1.3500 5955793
1.4000 5993187
1.4500 5996418
1.5000 6057290
1.5500 6069482
1.6000 6079382
END
if (strstrt(GPVAL_TERMINALS, " pngcairo ") > 0) {
	set terminal pngcairo noenhanced size 1920,1081 font "sans-serif,9" fontscale 1.890 linewidth 1.890 pointscale 1.890 background rgb "#14171C"
} else {
	set terminal png noenhanced truecolor size 1920,1081 font "sans-serif,9" fontscale 1.890 linewidth 1.890 background rgb "#14171C"
}
set output "./out/picture"
set encoding utf8
set decimalsign "."
set label "Samples in run order, and their distribution" at screen 16.0/1016, screen 1-28.0/572 left noenhanced font ",14" textcolor rgb "#F0F0F0"
set label "testhost, virtual (KVMKVMKVM): AMD EPYC 7763 64-Core Processor, Linux 6.1.0-40-amd64, 2026-11-23" at screen 16.0/1016, screen 1-50.0/572 left noenhanced font ",8" textcolor rgb "#B4B8BF"
set label "no SEV: pins by io_uring; backing anon, 1 vCPU, touch 10% seq write, chunk 2M, no prefault" at screen 16.0/1016, screen 1-66.0/572 left noenhanced font ",8" textcolor rgb "#B4B8BF"
set label "startup latency; left: each sample in run order; right: share of samples at or below; dotted: median" at screen 16.0/1016, screen 1-558.0/572 left noenhanced font ",8" textcolor rgb "#B4B8BF"
unset key
set tmargin at screen 1-90.0/572
set rmargin at screen 1-28.0/1016
set bmargin at screen 86.0/572
set border 3 linecolor rgb "#7A808A"
set tics nomirror out textcolor rgb "#F0F0F0" noenhanced
set xlabel textcolor rgb "#F0F0F0"
set ylabel textcolor rgb "#F0F0F0"
set multiplot
set xrange [-0.03:1.63]
set xtics ("first" 0, "last" 1, "half" 1.35, "all" 1.6) offset 0,0.5 font ",8"
set ytics font ",8"
set grid ytics linetype 1 linecolor rgb "#2E333B"
set lmargin at screen 80.0/1016
set rmargin at screen 246.0/1016
set tmargin at screen 1-106.0/572
set bmargin at screen 1-474.0/572
set label "n 10, eager 64M" at graph 0, graph 1 left offset 0, character 0.6 noenhanced font ",8" textcolor rgb "#F0F0F0"
set yrange [38382530:43518832]
set ytics ("40 ms" 40000000, "42 ms" 42000000)
plot 41397340.5 with lines dashtype 3 linewidth 1 linecolor rgb "#7A808A" notitle, \
	$run0 using 1:2 with points pointtype 7 pointsize 0.7 linecolor rgb "#F0742B" notitle, \
	$ecdf0 using 1:2 with steps linewidth 1.5 linecolor rgb "#F0742B" notitle
unset label
set lmargin at screen 330.0/1016
set rmargin at screen 496.0/1016
set tmargin at screen 1-106.0/572
set bmargin at screen 1-474.0/572
set label "n 10, eager 256M" at graph 0, graph 1 left offset 0, character 0.6 noenhanced font ",8" textcolor rgb "#F0F0F0"
set yrange [143731428:163574192]
set ytics ("145 ms" 145000000, "150 ms" 150000000, "155 ms" 155000000, "160 ms" 160000000)
plot 154115620.5 with lines dashtype 3 linewidth 1 linecolor rgb "#7A808A" notitle, \
	$run1 using 1:2 with points pointtype 7 pointsize 0.7 linecolor rgb "#F0742B" notitle, \
	$ecdf1 using 1:2 with steps linewidth 1.5 linecolor rgb "#F0742B" notitle
unset label
set lmargin at screen 580.0/1016
set rmargin at screen 746.0/1016
set tmargin at screen 1-106.0/572
set bmargin at screen 1-474.0/572
set label "n 10, demand 64M" at graph 0, graph 1 left offset 0, character 0.6 noenhanced font ",8" textcolor rgb "#F0F0F0"
set yrange [5649685:6077962]
set ytics ("5.7 ms" 5700000, "5.8 ms" 5800000, "5.9 ms" 5900000, "6 ms" 6000000)
plot 5831345.5 with lines dashtype 3 linewidth 1 linecolor rgb "#7A808A" notitle, \
	$run2 using 1:2 with points pointtype 7 pointsize 0.7 linecolor rgb "#56B4E9" notitle, \
	$ecdf2 using 1:2 with steps linewidth 1.5 linecolor rgb "#56B4E9" notitle
unset label
set lmargin at screen 830.0/1016
set rmargin at screen 996.0/1016
set tmargin at screen 1-106.0/572
set bmargin at screen 1-474.0/572
set label "n 10, demand 256M" at graph 0, graph 1 left offset 0, character 0.6 noenhanced font ",8" textcolor rgb "#F0F0F0"
set yrange [5728421:6140176]
set ytics ("5.8 ms" 5800000, "5.9 ms" 5900000, "6 ms" 6000000, "6.1 ms" 6100000)
plot 5974490 with lines dashtype 3 linewidth 1 linecolor rgb "#7A808A" notitle, \
	$run3 using 1:2 with points pointtype 7 pointsize 0.7 linecolor rgb "#56B4E9" notitle, \
	$ecdf3 using 1:2 with steps linewidth 1.5 linecolor rgb "#56B4E9" notitle
unset multiplot

unset output
