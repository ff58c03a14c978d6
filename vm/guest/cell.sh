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
	scheduler_pid=
	: >$work/stats
	: >$work/scheduler.err
	# The kernel's own scheduler, with cookies or without, is there already.
	case "$1" in
	eevdf*) return ;;
	esac
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

# Ends the scheduler that was started, if one was, and says how that went.
leave() {
	[ -n "$scheduler_pid" ] || return 0
	stop_scheduler
	printf 'ending {"scheduler":"%s","exit":%s,' "$1" $?
	printf '"errors":"%s"}\n' "$(base64 $work/scheduler.err | tr -d '\n')"
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

# The judge starts before the scheduler does, so its warm-up must cover the scheduler's loading and
# the start of the load. How long that takes is learned from each start.
warmup_for() {
	case "$1" in
	eevdf*) echo 2 ;;
	*) echo "$loading_s" ;;
	esac
}
loading_s=8

# sleep_until HUNDREDTHS: at once, because whoever looks again and again is in the way of a load.
sleep_until() {
	left=$(($1 - $(hundredths)))
	[ $left -le 0 ] || sleep $((left / 100)).$(printf %02d $((left % 100)))
}

# measure SCHEDULER SECONDS AUDIT_ARGUMENTS LOAD_ARGUMENT...: one try; AUDIT_ARGUMENTS is one word
# for the shell. The load ends with the window, because the judge is busy afterwards, and in its
# way. late_cs says by how many hundredths of a second scheduler and load came too late for the
# window (negative: they were in time); it is null where the load did not say when it was ready.
measure() {
	scheduler=$1 window_s=$2 audit_arguments=$3
	shift 3
	warmup=$(warmup_for "$scheduler")
	# shellcheck disable=SC2086  # Several arguments.
	scx_pair audit --warmup "$warmup" --seconds "$window_s" $audit_arguments \
		>$work/audit.out 2>$work/audit.err &
	audit_pid=$!
	wait_for 60 is_attached $audit_pid
	attached=$(hundredths)
	start_scheduler "$scheduler"
	load --settle 0.5 "$@" >$work/load.json 2>$work/load.err &
	load_pid=$!
	sleep_until $((attached + (warmup + window_s) * 100))
	stop_load "$@"
	wait $audit_pid
	audit_exit=$?
	state_after=$(cat $state)
	leave "$scheduler"
	since_ns=$(number_of since_ns $work/load.json)
	late_cs=null
	[ -n "$since_ns" ] || return 0
	ready_cs=$((since_ns / 10000000 - attached))
	late_cs=$((ready_cs - warmup * 100))
	case "$scheduler" in
	eevdf*) ;;
	*) loading_s=$((ready_cs / 100 + 2)) ;;
	esac
}

# The same, again when it was too late: the next try knows how long loading takes.
measure_in_time() {
	for _ in 1 2 3; do
		measure "$@"
		[ "$late_cs" != null ] || return 0
		[ "$late_cs" -gt 0 ] || return 0
		echo "progress: $1 was loaded too late to be judged; measuring again"
	done
}

# cell ROW SCHEDULER SECONDS ROUND LOAD_ARGUMENT...
cell() {
	row=$1 scheduler=$2 seconds=$3 round=$4
	shift 4
	echo "progress: $row under $scheduler, round $round"
	bound=${move_bound_ms:+--move-bound $move_bound_ms}
	measure_in_time "$scheduler" "$seconds" "--json --tasks -1 $bound" "$@"
	printf 'cell {"row":"%s","scheduler":"%s",' "$row" "$scheduler"
	printf '"seconds":%s,"round":%s,' "$seconds" "$round"
	printf '"late_cs":%s,"audit_exit":%s,' "$late_cs" $audit_exit
	printf '"state_after":"%s",' "$state_after"
	printf '"audit":%s,' "$(json_or_null $work/audit.out)"
	printf '"load":%s,' "$(json_or_null $work/load.json)"
	tail -n 1 $work/stats >$work/stats.json
	printf '"stats":%s,' "$(json_or_null $work/stats.json)"
	printf '"audit_errors":"%s",' "$(base64 $work/audit.err | tr -d '\n')"
	printf '"load_errors":"%s"}\n' "$(base64 $work/load.err | tr -d '\n')"
	round_line >>"$work/rounds.$row.$scheduler"
}

# number_of KEY FILE: the first number of that name in a JSON object of one line, or nothing.
number_of() {
	grep -o "\"$1\":[0-9]\{1,\}" "$2" | head -n 1 | cut -d : -f 2
}

# What settled.awk reads of a cell. The first both_busy_ns is that of all pairs; of two commands the
# slower one counts, and none if one of them failed.
round_line() {
	sed 's/.*"sleep_wake"//' $work/load.json >$work/sleep_wake
	wall=$(grep -o '"wall_ns":[0-9]*' $work/load.json | cut -d : -f 2 | sort -n | tail -n 1)
	! grep -q '"exit_status":-\{0,1\}[1-9]' $work/load.json || wall=0
	busy=$(number_of both_busy_ns $work/audit.out)
	p99=$(number_of p99_ns $work/sleep_wake)
	echo "${busy:-0}" "${p99:-0}" "${wall:-0}"
}

# settled ROW WHAT LIMIT...: whether more rounds of the row could not change its judgement.
settled() {
	row=$1 what=$2
	shift 2
	: >>"$work/rounds.$row.eevdf"
	: >>"$work/rounds.$row.scx_pair"
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
	measure_in_time "$1" 1 "--timeline $2 --columns 100" spin:a:2 spin:b:2 spin:c:2
	sed "s/^/drawing $drawn /" $work/audit.out
}
