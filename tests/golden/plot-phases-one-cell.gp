$part0 << END
0 0 1
END
$part1 << END
0 0 1
END
$part2 << END
0 0 1
END
$part3 << END
0 0 1
END
$part4 << END
0 0 1
END
$part5 << END
0 0 1
END
$part6 << END
0 38185056.5 1
END
$part7 << END
38185056.5 38185056.5 1
END
$part8 << END
38185056.5 38185056.5 1
END
$part9 << END
38185056.5 38185056.5 1
END
$part10 << END
38185056.5 38185056.5 1
END
$part11 << END
38185056.5 38185056.5 1
END
$part12 << END
38185056.5 38185056.5 1
END
$part13 << END
38185056.5 38185056.5 1
END
$part14 << END
38185056.5 38185056.5 1
END
$part16 << END
38185056.5 41345583.5 1
END
$part15 << END
41345583.5 56203718.5 1
END
if (strstrt(GPVAL_TERMINALS, " pngcairo ") > 0) {
	set terminal pngcairo noenhanced size 900,231 font "sans-serif,9" fontscale 1.000 linewidth 1.000 pointscale 1.000 background rgb "#FFFFFF"
} else {
	set terminal png noenhanced truecolor size 900,231 font "sans-serif,9" fontscale 1.000 linewidth 1.000 background rgb "#FFFFFF"
}
set output "./out/picture"
set encoding utf8
set decimalsign "."
set label "Where the time of a guest's start goes, phase by phase" at screen 16.0/900, screen 1-28.0/231 left noenhanced font ",14" textcolor rgb "#000000"
set label "testhost, virtual (KVMKVMKVM): AMD EPYC 7763 64-Core Processor, Linux 6.1.0-40-amd64, 2026-11-23" at screen 16.0/900, screen 1-50.0/231 left noenhanced font ",8" textcolor rgb "#444444"
set label "no SEV: pins by io_uring; backing anon, 1 vCPU, touch 6.4 MiB seq write, no prefault" at screen 16.0/900, screen 1-66.0/231 left noenhanced font ",8" textcolor rgb "#444444"
set label "parts: medians, n 10; behind them: median startup, then with the touch; other: all phases not named" at screen 16.0/900, screen 1-217.0/231 left noenhanced font ",8" textcolor rgb "#444444"
set key at screen 0.5, screen 28.0/231 center bottom horizontal maxcols 3 Left reverse noenhanced textcolor rgb "#000000"
set tmargin at screen 1-90.0/231
set rmargin at screen 1-28.0/900
set bmargin at screen 101.0/231
set border 3 linecolor rgb "#888888"
set tics nomirror out textcolor rgb "#000000" noenhanced
set xlabel textcolor rgb "#000000"
set ylabel textcolor rgb "#000000"
set lmargin at screen 93.0/900
set style fill solid 1 border linecolor rgb "#FFFFFF"
set grid xtics back linetype 1 linecolor rgb "#E4E4E4"
set key samplen 1.5
set xlabel "time" noenhanced
set yrange [1.5:0.5]
unset ytics
set label "eager 64M" at graph 0, first 1 right offset character -0.8, 0 noenhanced textcolor rgb "#000000"
set xrange [0:75312982]
set xtics ("0" 0, "10 ms" 10000000, "20 ms" 20000000, "30 ms" 30000000, "40 ms" 40000000, "50 ms" 50000000, "60 ms" 60000000, "70 ms" 70000000)
set label "pin 38.2 ms" at first 19092528.25, first 1 center front noenhanced font ",8" textcolor rgb "#000000"
set label "touch 14.9 ms" at first 48774651, first 1 center front noenhanced font ",8" textcolor rgb "#000000"
set label "41.4 ms, touched 56.1 ms" at first 56203718.5, first 1 left offset character 0.6, 0 front noenhanced font ",8" textcolor rgb "#000000"
plot $part6 using (($1+$2)/2):3:1:2:($3-0.38):($3+0.38) with boxxyerror linewidth 0.5 fillcolor rgb "#D55E00" title "pin", \
	$part16 using (($1+$2)/2):3:1:2:($3-0.38):($3+0.38) with boxxyerror linewidth 0.5 fillcolor rgb "#999999" title "other", \
	$part15 using (($1+$2)/2):3:1:2:($3-0.38):($3+0.38) with boxxyerror linewidth 0.5 fillcolor rgb "#DDDDDD" title "touch"
unset output
