$all0 << END
2250000 0
2250000 0.0398
2275000 0.0836
2300000 0.1324
2325000 0.1873
2350000 0.2502
2375000 0.3237
2400000 0.4123
2425000 0.5237
2450000 0.6740
2475000 0.9056
4500000 0.9455
4550000 0.9895
4600000 1.0384
4650000 1.0935
4700000 1.1566
4750000 1.2306
4800000 1.3197
4850000 1.4319
4900000 1.5837
4950000 1.8190
6750000 1.8593
6825000 1.9036
6900000 1.9530
6975000 2.0087
7050000 2.0726
7125000 2.1477
7200000 2.2384
7275000 2.3532
7350000 2.5097
7425000 2.7569
9000000 2.8026
9100000 2.8538
9200000 2.9118
9300000 2.9787
9400000 3.0579
9500000 3.1548
9600000 3.2798
9700000 3.4559
9800000 3.7569
9900000 4.4771
END
$mark0 << END
2.375e+06 0.3010 801000 808000
6.975e+06 2.0000 1.6e+06 2.3e+06
9.4e+06 3.0000 3.1e+06 3.8e+06
END
$each0 << END
2250000 0
2250000 0.9056
4500000 1.8190
6750000 2.7569
9000000 4.4771

2275000 0
2275000 0.9056
4550000 1.8190
6825000 2.7569
9100000 4.4771

2300000 0
2300000 0.9056
4600000 1.8190
6900000 2.7569
9200000 4.4771

2325000 0
2325000 0.9056
4650000 1.8190
6975000 2.7569
9300000 4.4771

2350000 0
2350000 0.9056
4700000 1.8190
7050000 2.7569
9400000 4.4771

2375000 0
2375000 0.9056
4750000 1.8190
7125000 2.7569
9500000 4.4771

2400000 0
2400000 0.9056
4800000 1.8190
7200000 2.7569
9600000 4.4771

2425000 0
2425000 0.9056
4850000 1.8190
7275000 2.7569
9700000 4.4771

2450000 0
2450000 0.9056
4900000 1.8190
7350000 2.7569
9800000 4.4771

2475000 0
2475000 0.9056
4950000 1.8190
7425000 2.7569
9900000 4.4771

END
$all1 << END
END
$mark1 << END
804500 0.3010 801000 808000
945000 1.0000 910000 980000
1.95e+06 2.0000 1.6e+06 2.3e+06
END
set terminal pdfcairo noenhanced size 9.375in,5.833in font "sans-serif,9" fontscale 1 linewidth 1 pointscale 1 background rgb "#FFFFFF"
set output "./out/picture"
set encoding utf8
set decimalsign "."
set label "Time to serve a demand fault" at screen 16.0/900, screen 1-28.0/560 left noenhanced font ",14" textcolor rgb "#000000"
set label "testhost, virtual (KVMKVMKVM): AMD EPYC 7763 64-Core Processor, Linux 6.1.0-40-amd64, 2026-11-23" at screen 16.0/900, screen 1-50.0/560 left noenhanced font ",8" textcolor rgb "#444444"
set label "no SEV: pins by io_uring; backing anon, 1 vCPU, touch 10% seq write, chunk 2M, no prefault" at screen 16.0/900, screen 1-66.0/560 left noenhanced font ",8" textcolor rgb "#444444"
set label "lines: faults of all samples; thin: of each sample; marks: p50, p99, p99.9; with bars: medians of the samples' percentiles, 95% CI" at screen 16.0/900, screen 1-546.0/560 left noenhanced font ",8" textcolor rgb "#444444"
set key at screen 0.5, screen 28.0/560 center bottom horizontal maxcols 1 Left reverse noenhanced textcolor rgb "#000000"
set tmargin at screen 1-90.0/560
set rmargin at screen 1-28.0/900
set bmargin at screen 116.0/560
set border 3 linecolor rgb "#888888"
set tics nomirror out textcolor rgb "#000000" noenhanced
set xlabel textcolor rgb "#000000"
set ylabel textcolor rgb "#000000"
set xlabel "time to serve one fault: fill, pin, wake" noenhanced
set ylabel "faults served within that time" noenhanced
set grid xtics ytics linetype 1 linecolor rgb "#E4E4E4"
set logscale x 10
set xrange [500000:10000000]
set xtics ("500 us" 500000, "1 ms" 1000000, "2 ms" 2000000, "5 ms" 5000000, "10 ms" 10000000)
set yrange [0:4.4771]
set ytics ("0" 0, "p50" 0.30103, "p90" 1, "p99" 2, "p99.9" 3, "p99.99" 4)
plot $each0 using 1:2 with steps linewidth 0.6 linecolor rgb "#A00072B2" notitle, \
	$all0 using 1:2 with steps dashtype 2 linewidth 1.8 linecolor rgb "#0072B2" notitle, \
	$mark0 using 1:2 with points pointtype 5 pointsize 1 linecolor rgb "#0072B2" notitle, \
	NaN with linespoints pointtype 5 pointsize 1 dashtype 2 linewidth 1.8 linecolor rgb "#0072B2" title "demand (userfault) 64M, n 10, 15000 faults: p50 2.38 ms, p99 6.97 ms, p99.9 9.40 ms", \
	$mark1 using 1:2:3:4 with xerrorbars pointtype 0 linewidth 1.5 linecolor rgb "#CC79A7" notitle, \
	$mark1 using 1:2 with lines dashtype 3 linewidth 1.2 linecolor rgb "#CC79A7" notitle, \
	$mark1 using 1:2 with points pointtype 13 pointsize 1 linecolor rgb "#CC79A7" notitle, \
	NaN with linespoints pointtype 13 pointsize 1 dashtype 3 linewidth 1.8 linecolor rgb "#CC79A7" title "demand (userfault) 256M, n 10, 1870 faults: p50 804 us, p99 1.95 ms"
unset output
