$dots0 << END
64912816 43087952
67638028 40253870
65940547 38813410
68708907 41751562
66984551 39026120
65303470 41315473
68045083 42174792
66337387 41479208
69122406 40704323
67387673 42184330
END
$line0 << END
67108864 41397340.5 39026120 42184330
END
if (strstrt(GPVAL_TERMINALS, " pngcairo ") > 0) {
	set terminal pngcairo noenhanced size 900,560 font "sans-serif,9" fontscale 1.000 linewidth 1.000 pointscale 1.000 background rgb "#FFFFFF"
} else {
	set terminal png noenhanced truecolor size 900,560 font "sans-serif,9" fontscale 1.000 linewidth 1.000 background rgb "#FFFFFF"
}
set output "./out/picture"
set encoding utf8
set decimalsign "."
set label "Startup latency of a guest, by its memory size" at screen 16.0/900, screen 1-28.0/560 left noenhanced font ",14" textcolor rgb "#000000"
set label "testhost, virtual (KVMKVMKVM): AMD EPYC 7763 64-Core Processor, Linux 6.1.0-40-amd64, 2026-11-23" at screen 16.0/900, screen 1-50.0/560 left noenhanced font ",8" textcolor rgb "#444444"
set label "no SEV: pins by io_uring; backing anon, 1 vCPU, touch 6.4 MiB seq write, no prefault" at screen 16.0/900, screen 1-66.0/560 left noenhanced font ",8" textcolor rgb "#444444"
set label "marks: medians; bars: 95% CI; dots: each sample" at screen 16.0/900, screen 1-546.0/560 left noenhanced font ",8" textcolor rgb "#444444"
set key at screen 0.5, screen 28.0/560 center bottom horizontal maxcols 1 Left reverse noenhanced textcolor rgb "#000000"
set tmargin at screen 1-90.0/560
set rmargin at screen 1-28.0/900
set bmargin at screen 101.0/560
set border 3 linecolor rgb "#888888"
set tics nomirror out textcolor rgb "#000000" noenhanced
set xlabel textcolor rgb "#000000"
set ylabel textcolor rgb "#000000"
set grid xtics ytics linetype 1 linecolor rgb "#E4E4E4"
set xlabel "guest memory" noenhanced
set ylabel "startup latency: open /dev/kvm to first instruction" noenhanced
set logscale x 2
set xrange [48115554:93599663]
set xtics ("64M" 67108864)
set logscale y 10
set yrange [30000000:50000000]
set ytics ("30 ms" 30000000, "40 ms" 40000000, "50 ms" 50000000)
plot $dots0 using 1:2 with points pointtype 7 pointsize 0.35 linecolor rgb "#B0D55E00" notitle, \
	$line0 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1.5 linecolor rgb "#D55E00" notitle, \
	$line0 using 1:2 with linespoints pointtype 7 pointsize 0.8 dashtype 1 linewidth 1.5 linecolor rgb "#D55E00" title "eager (io-uring), n 10"
unset output
