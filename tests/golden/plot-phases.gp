$part0 << END
0 0 1
0 0 2
0 0 3
0 0 4
0 0 5
0 0 6
0 0 7
0 0 8
0 0 9
END
$part1 << END
0 0 1
0 0 2
0 0 3
0 0 4
0 0 5
0 0 6
0 0 7
0 0 8
0 0 9
END
$part2 << END
0 0 1
0 0 2
0 0 3
0 0 4
0 0 5
0 0 6
0 0 7
0 0 8
0 0 9
END
$part3 << END
0 0 1
0 0 2
0 0 3
0 0 4
0 0 5
0 0 6
0 0 7
0 0 8
0 0 9
END
$part4 << END
0 0 1
0 0 2
0 0 3
0 0 4
0 0 5
0 0 6
0 0 7
0 0 8
0 0 9
END
$part5 << END
0 0 1
0 0 2
0 0 3
0 0 4
0 0 5
0 0 6
0 0 7
0 0 8
0 0 9
END
$part6 << END
0 38185056.5 1
0 150807907 2
0 608067840.5 3
0 1086086.5 4
0 1088978 5
0 1103115 6
0 0 7
0 0 8
0 0 9
END
$part7 << END
38185056.5 38185056.5 1
150807907 150807907 2
608067840.5 608067840.5 3
1086086.5 1086086.5 4
1088978 1088978 5
1103115 1103115 6
0 0 7
0 0 8
0 0 9
END
$part8 << END
38185056.5 38185056.5 1
150807907 150807907 2
608067840.5 608067840.5 3
1086086.5 1086086.5 4
1088978 1088978 5
1103115 1103115 6
0 0 7
0 0 8
0 0 9
END
$part9 << END
38185056.5 38185056.5 1
150807907 150807907 2
608067840.5 608067840.5 3
1086086.5 1086086.5 4
1088978 1088978 5
1103115 1103115 6
0 0 7
0 0 8
0 0 9
END
$part10 << END
38185056.5 38185056.5 1
150807907 150807907 2
608067840.5 608067840.5 3
1086086.5 1086086.5 4
1088978 1088978 5
1103115 1103115 6
0 0 7
0 0 8
0 0 9
END
$part11 << END
38185056.5 38185056.5 1
150807907 150807907 2
608067840.5 608067840.5 3
1086086.5 1086086.5 4
1088978 1088978 5
1103115 1103115 6
0 0 7
0 0 8
0 0 9
END
$part12 << END
38185056.5 38185056.5 1
150807907 150807907 2
608067840.5 608067840.5 3
1086086.5 1086086.5 4
1088978 1088978 5
1103115 1103115 6
0 0 7
0 0 8
0 0 9
END
$part13 << END
38185056.5 39696786.5 1
150807907 152323985.5 2
608067840.5 609553957 3
1086086.5 2596297.5 4
1088978 2600812 5
1103115 2596375.5 6
0 1513867.5 7
0 1485976.5 8
0 1512299 9
END
$part14 << END
39696786.5 40000295.5 1
152323985.5 152628702.5 2
609553957 609861011.5 3
2596297.5 4523656.5 4
2600812 4545397.5 5
2596375.5 4490170 6
1513867.5 1817396.5 7
1485976.5 1797549.5 8
1512299 1821376 9
END
$part16 << END
40000295.5 41345583.5 1
152628702.5 154065719.5 2
609861011.5 611659686.5 3
4523656.5 5877014 4
4545397.5 5998444.5 5
4490170 6317481 6
1817396.5 3183827.5 7
1797549.5 3258366.5 8
1821376 3657231 9
END
$part15 << END
41345583.5 56203718.5 1
154065719.5 214166919.5 2
611659686.5 855757037.5 3
5877014 27945458 4
5998444.5 91043073.5 5
6317481 343767659 6
3183827.5 24491582 7
3258366.5 88770469 8
3657231 344828622.5 9
END
set terminal svg noenhanced size 900,422 font "sans-serif,12" background rgb "#FFFFFF"
set output "./out/picture"
set encoding utf8
set decimalsign "."
set label "Where the time of a guest's start goes, phase by phase" at screen 16.0/900, screen 1-28.0/422 left noenhanced font ",18" textcolor rgb "#000000"
set label "testhost, virtual (KVMKVMKVM): AMD EPYC 7763 64-Core Processor, Linux 6.1.0-40-amd64, 2026-11-23" at screen 16.0/900, screen 1-50.0/422 left noenhanced font ",11" textcolor rgb "#444444"
set label "no SEV: pins by io_uring; backing anon, 1 vCPU, touch 10% seq write, chunk 2M, no prefault" at screen 16.0/900, screen 1-66.0/422 left noenhanced font ",11" textcolor rgb "#444444"
set label "parts: medians, n 10; behind them: median startup, then with the touch; other: all phases not named" at screen 16.0/900, screen 1-408.0/422 left noenhanced font ",11" textcolor rgb "#444444"
set key at screen 0.5, screen 28.0/422 center bottom horizontal maxcols 3 Left reverse noenhanced textcolor rgb "#000000"
set tmargin at screen 1-90.0/422
set rmargin at screen 1-28.0/900
set bmargin at screen 134.0/422
set border 3 linecolor rgb "#888888"
set tics nomirror out textcolor rgb "#000000" noenhanced
set xlabel textcolor rgb "#000000"
set ylabel textcolor rgb "#000000"
set lmargin at screen 107.0/900
set style fill solid 1 border linecolor rgb "#FFFFFF"
set grid xtics back linetype 1 linecolor rgb "#E4E4E4"
set key samplen 1.5
set xlabel "time" noenhanced
set yrange [9.5:0.5]
unset ytics
set label "eager 64M" at graph 0, first 1 right offset character -0.8, 0 noenhanced textcolor rgb "#000000"
set label "eager 256M" at graph 0, first 2 right offset character -0.8, 0 noenhanced textcolor rgb "#000000"
set label "eager 1G" at graph 0, first 3 right offset character -0.8, 0 noenhanced textcolor rgb "#000000"
set label "demand 64M" at graph 0, first 4 right offset character -0.8, 0 noenhanced textcolor rgb "#000000"
set label "demand 256M" at graph 0, first 5 right offset character -0.8, 0 noenhanced textcolor rgb "#000000"
set label "demand 1G" at graph 0, first 6 right offset character -0.8, 0 noenhanced textcolor rgb "#000000"
set label "none 64M" at graph 0, first 7 right offset character -0.8, 0 noenhanced textcolor rgb "#000000"
set label "none 256M" at graph 0, first 8 right offset character -0.8, 0 noenhanced textcolor rgb "#000000"
set label "none 1G" at graph 0, first 9 right offset character -0.8, 0 noenhanced textcolor rgb "#000000"
set xrange [0:1146714430]
set xtics ("0" 0, "100 ms" 100000000, "200 ms" 200000000, "300 ms" 300000000, "400 ms" 400000000, "500 ms" 500000000, "600 ms" 600000000, "700 ms" 700000000, "800 ms" 800000000, "900 ms" 900000000, "1 s" 1000000000, "1.1 s" 1100000000)
set label "pin" at first 19092528.25, first 1 center front noenhanced font ",11" textcolor rgb "#000000"
set label "41.4 ms, touched 56.1 ms" at first 56203718.5, first 1 left offset character 0.6, 0 front noenhanced font ",11" textcolor rgb "#000000"
set label "pin 151 ms" at first 75403953.5, first 2 center front noenhanced font ",11" textcolor rgb "#000000"
set label "touch" at first 184116319.5, first 2 center front noenhanced font ",11" textcolor rgb "#000000"
set label "154 ms, touched 215 ms" at first 214166919.5, first 2 left offset character 0.6, 0 front noenhanced font ",11" textcolor rgb "#000000"
set label "pin 608 ms" at first 304033920.25, first 3 center front noenhanced font ",11" textcolor rgb "#000000"
set label "touch 244 ms" at first 733708362, first 3 center front noenhanced font ",11" textcolor rgb "#000000"
set label "612 ms, touched 854 ms" at first 855757037.5, first 3 left offset character 0.6, 0 front noenhanced font ",11" textcolor rgb "#000000"
set label "5.89 ms, touched 28.0 ms" at first 27945458, first 4 left offset character 0.6, 0 front noenhanced font ",11" textcolor rgb "#000000"
set label "touch" at first 48520759, first 5 center front noenhanced font ",11" textcolor rgb "#000000"
set label "6.00 ms, touched 91.1 ms" at first 91043073.5, first 5 left offset character 0.6, 0 front noenhanced font ",11" textcolor rgb "#000000"
set label "touch 337 ms" at first 175042570, first 6 center front noenhanced font ",11" textcolor rgb "#000000"
set label "6.32 ms, touched 344 ms" at first 343767659, first 6 left offset character 0.6, 0 front noenhanced font ",11" textcolor rgb "#000000"
set label "3.17 ms, touched 24.5 ms" at first 24491582, first 7 left offset character 0.6, 0 front noenhanced font ",11" textcolor rgb "#000000"
set label "touch" at first 46014417.75, first 8 center front noenhanced font ",11" textcolor rgb "#000000"
set label "3.24 ms, touched 88.8 ms" at first 88770469, first 8 left offset character 0.6, 0 front noenhanced font ",11" textcolor rgb "#000000"
set label "touch 341 ms" at first 174242926.75, first 9 center front noenhanced font ",11" textcolor rgb "#000000"
set label "3.63 ms, touched 345 ms" at first 344828622.5, first 9 left offset character 0.6, 0 front noenhanced font ",11" textcolor rgb "#000000"
plot $part6 using (($1+$2)/2):3:1:2:($3-0.38):($3+0.38) with boxxyerror linewidth 0.5 fillcolor rgb "#D55E00" title "pin", \
	$part13 using (($1+$2)/2):3:1:2:($3-0.38):($3+0.38) with boxxyerror linewidth 0.5 fillcolor rgb "#009E73" title "vcpu-create", \
	$part14 using (($1+$2)/2):3:1:2:($3-0.38):($3+0.38) with boxxyerror linewidth 0.5 fillcolor rgb "#0072B2" title "first-instruction", \
	$part16 using (($1+$2)/2):3:1:2:($3-0.38):($3+0.38) with boxxyerror linewidth 0.5 fillcolor rgb "#999999" title "other", \
	$part15 using (($1+$2)/2):3:1:2:($3-0.38):($3+0.38) with boxxyerror linewidth 0.5 fillcolor rgb "#DDDDDD" title "touch"
unset output
