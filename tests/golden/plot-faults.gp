$dots0 << END
-0.084 800000
-0.0543344 801000
-0.0726687 802000
-0.0430031 803000
-0.0613375 804000
-0.0796718 805000
-0.0500062 806000
-0.0683406 807000
-0.0386749 808000
-0.0570093 809000
0.916 900000
0.945666 910000
0.927331 920000
0.956997 930000
0.938663 940000
0.920328 950000
0.949994 960000
0.931659 970000
0.961325 980000
0.942991 990000
1.916 1500000
1.94567 1600000
1.92733 1700000
1.957 1800000
1.93866 1900000
1.92033 2000000
1.94999 2100000
1.93166 2200000
1.96133 2300000
1.94299 2400000
2.916 3000000
2.94567 3100000
2.92733 3200000
2.957 3300000
2.93866 3400000
2.92033 3500000
2.94999 3600000
2.93166 3700000
2.96133 3800000
2.94299 3900000
3.916 9000000
3.94567 9100000
3.92733 9200000
3.957 9300000
3.93866 9400000
3.92033 9500000
3.94999 9600000
3.93166 9700000
3.96133 9800000
3.94299 9900000
END
$line0 << END
-0.06 804500 801000 808000
0.94 945000 910000 980000
1.94 1950000 1600000 2300000
2.94 3450000 3100000 3800000
3.94 9450000 9100000 9800000
END
$dots1 << END
0.036 800000
0.0656656 801000
0.0473313 802000
0.0769969 803000
0.0586625 804000
0.0403282 805000
0.0699938 806000
0.0516594 807000
0.0813251 808000
0.0629907 809000
1.036 900000
1.06567 910000
1.04733 920000
1.077 930000
1.05866 940000
1.04033 950000
1.06999 960000
1.05166 970000
1.08133 980000
1.06299 990000
2.036 1500000
2.06567 1600000
2.04733 1700000
2.077 1800000
2.05866 1900000
2.04033 2000000
2.06999 2100000
2.05166 2200000
2.08133 2300000
2.06299 2400000
4.036 9000000
4.06567 9100000
4.04733 9200000
4.077 9300000
4.05866 9400000
4.04033 9500000
4.06999 9600000
4.05166 9700000
4.08133 9800000
4.06299 9900000
END
$line1 << END
0.06 804500 801000 808000
1.06 945000 910000 980000
2.06 1950000 1600000 2300000
4.06 9450000 9100000 9800000
END
set terminal pdfcairo noenhanced size 9.375in,5.833in font "sans-serif,9" fontscale 1 linewidth 1 pointscale 1 background rgb "#FFFFFF"
set output "./out/picture"
set encoding utf8
set decimalsign "."
set label "Time to serve a demand fault" at screen 16.0/900, screen 1-28.0/560 left noenhanced font ",14" textcolor rgb "#000000"
set label "testhost, virtual (KVMKVMKVM): AMD EPYC 7763 64-Core Processor, Linux 6.1.0-40-amd64, 2026-11-23" at screen 16.0/900, screen 1-50.0/560 left noenhanced font ",8" textcolor rgb "#444444"
set label "no SEV: pins by io_uring; backing anon, 1 vCPU, touch 10% seq write, chunk 2M, no prefault" at screen 16.0/900, screen 1-66.0/560 left noenhanced font ",8" textcolor rgb "#444444"
set label "marks: medians, set a little apart; bars: 95% CI; dots: each sample" at screen 16.0/900, screen 1-546.0/560 left noenhanced font ",8" textcolor rgb "#444444"
set key at screen 0.5, screen 28.0/560 center bottom horizontal maxcols 2 Left reverse noenhanced textcolor rgb "#000000"
set tmargin at screen 1-90.0/560
set rmargin at screen 1-28.0/900
set bmargin at screen 101.0/560
set border 3 linecolor rgb "#888888"
set tics nomirror out textcolor rgb "#000000" noenhanced
set xlabel textcolor rgb "#000000"
set ylabel textcolor rgb "#000000"
set grid xtics ytics linetype 1 linecolor rgb "#E4E4E4"
set xlabel "faults sorted by time: half of them are faster than p50, 999 of 1000 faster than p99.9" noenhanced
set ylabel "time to serve one fault: fill, pin, wake" noenhanced
set xrange [-0.24:4.24]
set xtics ("p50" 0, "p90" 1, "p99" 2, "p99.9" 3, "slowest" 4)
set logscale y 10
set yrange [500000:10000000]
set ytics ("500 us" 500000, "1 ms" 1000000, "2 ms" 2000000, "5 ms" 5000000, "10 ms" 10000000)
plot $dots0 using 1:2 with points pointtype 7 pointsize 0.35 linecolor rgb "#B00072B2" notitle, \
	$dots1 using 1:2 with points pointtype 7 pointsize 0.35 linecolor rgb "#B0CC79A7" notitle, \
	$line0 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1.5 linecolor rgb "#0072B2" notitle, \
	$line0 using 1:2 with linespoints pointtype 5 pointsize 0.8 dashtype 2 linewidth 1.5 linecolor rgb "#0072B2" title "demand (userfault) 64M, n 10", \
	$line1 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1.5 linecolor rgb "#CC79A7" notitle, \
	$line1 using 1:2 with linespoints pointtype 13 pointsize 0.8 dashtype 3 linewidth 1.5 linecolor rgb "#CC79A7" title "demand (userfault) 256M, n 10"
unset output
