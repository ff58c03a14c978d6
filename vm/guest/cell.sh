# SPDX-License-Identifier: GPL-2.0-only
# Sourced by the script of a boot: measures cells and tries commands, and prints one line for each:
#   cell {"row": ..., "scheduler": ..., "audit": {...}, "load": {...}, "stats": {...}, ...}
#   ending {"scheduler": ..., "exit": ..., "errors": BASE64}
#   attempt {"name": ..., "exit": ..., "out": BASE64, "err": BASE64}
#   settled ROW
# Judging is the host's business. Everything else that is printed is progress for a person.
state=/sys/kernel/sched_ext/state
work=/tmp/cell
mkdir -p $work

hundredths() {
	cut -d ' ' -f 1 /proc/uptime | tr -d .
}

# wait_for SECONDS COMMAND...: polls until the command succeeds.
wait_for() {
	deadline=$(($(hundredths) + $1 * 100))
	shift
	until "$@"; do
		[ "$(hundredths)" -lt "$deadline" ] || return 1
		sleep 0.1
	done
}

# A probe that is attached holds a BPF link; one that has ended needs no waiting for.
is_attached() {
	ls -l "/proc/$1/fd" 2>/dev/null | grep -q bpf_link || is_gone "$1"
}

is_gone() {
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}

is_loaded() {
	[ "$(cat $state)" = enabled ] || is_gone "$scheduler_pid"
}

start_scheduler() {
	"$1" --json >$work/stats 2>$work/scheduler.err &
	scheduler_pid=$!
	wait_for 60 is_loaded || echo "progress: $1 is not loaded after 60 s"
}

# Its exit status: 0 is a scheduler that was never ejected and left when it was told to.
stop_scheduler() {
	kill -INT "$scheduler_pid" 2>/dev/null
	wait_for 30 is_gone "$scheduler_pid" || kill -KILL "$scheduler_pid"
	wait "$scheduler_pid"
}

# use SCHEDULER: loads it, unless it is still there from the cell before. The kernel's own one,
# with cookies or without, is there where no other is.
use() {
	[ "$1" != "$in_use" ] || { [ -n "$scheduler_pid" ] && is_gone "$scheduler_pid"; } || return 0
	leave
	in_use=$1
	case "$1" in
	eevdf*) ;;
	*) start_scheduler "$1" ;;
	esac
}
in_use=eevdf
scheduler_pid=
: >$work/stats
: >$work/scheduler.err

# Ends the scheduler in use, if it is not the kernel's own, and says how that went.
leave() {
	[ -n "$scheduler_pid" ] || return 0
	stop_scheduler
	printf 'ending {"scheduler":"%s","exit":%s,' "$in_use" $?
	printf '"errors":"%s"}\n' "$(base64 $work/scheduler.err | tr -d '\n')"
	scheduler_pid=
	in_use=eevdf
	: >$work/stats
	: >$work/scheduler.err
}

# A workload of commands ends by itself, which is what is measured; the others are told to.
stop_load() {
	case "$*" in
	*run:*) wait_for 90 is_gone $load_pid ;;
	esac
	kill -TERM $load_pid 2>/dev/null
	wait_for 30 is_gone $load_pid || kill -KILL $load_pid
	wait $load_pid
}

json_or_null() {
	if [ -s "$1" ]; then
		tr -d '\n' <"$1"
	else
		printf null
	fi
}

# measure SCHEDULER AUDIT_ARGUMENTS LOAD_ARGUMENT...: one try; AUDIT_ARGUMENTS is one word for the
# shell. The judge starts before the load does, because loading it would take long beside that; so
# its warm-up must cover the load's start. late_cs says by how many hundredths of a second the load
# came too late for the window (negative: it was in time).
measure() {
	audit_arguments=$2
	use "$1"
	shift 2
	# shellcheck disable=SC2086  # Several arguments.
	scx_pair audit --warmup "$warmup_s" $audit_arguments >$work/audit.out 2>$work/audit.err &
	audit_pid=$!
	wait_for 60 is_attached $audit_pid
	attached=$(hundredths)
	load --settle 0.5 "$@" >$work/load.json 2>$work/load.err &
	load_pid=$!
	wait $audit_pid
	audit_exit=$?
	state_after=$(cat $state)
	stop_load "$@"
	since_ns=$(number_of since_ns $work/load.json)
	late_cs=$((since_ns / 10000000 - attached - warmup_s * 100))
}

# The same, with a longer warm-up when the load came too late.
measure_in_time() {
	for warmup_s in 2 5 15; do
		measure "$@"
		[ $late_cs -gt 0 ] || return 0
		echo "progress: the load came too late to be judged; measuring again"
	done
}

# cell ROW SCHEDULER SECONDS ROUND LOAD_ARGUMENT...
cell() {
	row=$1 scheduler=$2 seconds=$3 round=$4
	shift 4
	echo "progress: $row under $scheduler, round $round"
	bound=${move_bound_ms:+--move-bound $move_bound_ms}
	measure_in_time "$scheduler" "--seconds $seconds --json --tasks -1 $bound" "$@"
	printf 'cell {"row":"%s","scheduler":"%s",' "$row" "$scheduler"
	printf '"seconds":%s,"round":%s,' "$seconds" "$round"
	printf '"late_cs":%s,"audit_exit":%s,' "$late_cs" $audit_exit
	printf '"state_after":"%s",' "$state_after"
	printf '"audit":%s,' "$(json_or_null $work/audit.out)"
	printf '"load":%s,' "$(json_or_null $work/load.json)"
	tail -n 1 $work/stats >$work/stats.json
	printf '"stats":%s,' "$(json_or_null $work/stats.json)"
	cat $work/audit.err $work/scheduler.err $work/load.err >$work/errors
	printf '"errors":"%s"}\n' "$(base64 $work/errors | tr -d '\n')"
	round_line >>"$work/rounds.$row.$scheduler"
}

# number_of KEY FILE: the first number of that name in a JSON object of one line, or 0.
number_of() {
	found=$(grep -o "\"$1\":[0-9]*" "$2" | head -n 1 | cut -d : -f 2)
	echo "${found:-0}"
}

# What settled.awk reads of a cell. The first both_busy_ns is that of all pairs; of two commands the
# slower one counts, and none if one of them failed.
round_line() {
	sed 's/.*"sleep_wake"//' $work/load.json >$work/sleep_wake
	wall=$(grep -o '"wall_ns":[0-9]*' $work/load.json | cut -d : -f 2 | sort -n | tail -n 1)
	! grep -q '"exit_status":-\{0,1\}[1-9]' $work/load.json || wall=0
	echo "$(number_of both_busy_ns $work/audit.out)" "$(number_of p99_ns $work/sleep_wake)" \
		"${wall:-0}"
}

# settled ROW WHAT LIMIT...: whether more rounds of the row could not change its judgement.
settled() {
	row=$1 what=$2
	shift 2
	awk -f /guest/settled.awk what="$what" "$@" "$work/rounds.$row.eevdf" \
		"$work/rounds.$row.scx_pair" || return 1
	echo "settled $row"
}

# How many loops make messages.sh in two cgroups last as many seconds under this guest's EEVDF.
hackbench_loops() {
	begin=$(hundredths)
	load run:a:1 run:b:1 --settle 0 -- sh /guest/messages.sh 60 >/dev/null
	took=$(($(hundredths) - begin + 1))
	echo $((60 * $1 * 100 / took + 1))
}

# attempt NAME COMMAND...
attempt() {
	name=$1
	shift
	echo "progress: $name"
	"$@" >$work/out 2>$work/err &
	attempt_pid=$!
	wait_for 60 is_gone $attempt_pid || kill -KILL $attempt_pid
	wait $attempt_pid
	printf 'attempt {"name":"%s","exit":%s,' "$name" $?
	printf '"out":"%s",' "$(base64 $work/out | tr -d '\n')"
	printf '"err":"%s"}\n' "$(base64 $work/err | tr -d '\n')"
}

# Ways to make a start go wrong: each runs its command under that condition and undoes it.
with_scheduler() {
	start_scheduler scx_pair
	"$@"
	status=$?
	stop_scheduler
	scheduler_pid=
	return $status
}

without_cpu_controller() {
	echo -cpu >/sys/fs/cgroup/cgroup.subtree_control
	"$@"
	status=$?
	echo +cpu >/sys/fs/cgroup/cgroup.subtree_control
	return $status
}

with_cookies() {
	load --cookies spin:a:1 >/dev/null &
	cookie_pid=$!
	sleep 1
	"$@"
	status=$?
	kill -TERM $cookie_pid
	wait $cookie_pid
	return $status
}

# drawing SCHEDULER MILLISECONDS: who is on the cpus of the first pair while three cgroups spin.
drawing() {
	echo "progress: drawing the first pair under $1"
	drawn=$1
	measure_in_time "$1" "--seconds 1 --timeline $2 --columns 100" spin:a:2 spin:b:2 spin:c:2
	sed "s/^/drawing $drawn /" $work/audit.out
}
