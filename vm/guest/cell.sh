# SPDX-License-Identifier: GPL-2.0-only
# Sourced by serve.sh: measures cells and tries commands, and prints one line for each:
#   cell {"row": ..., "scheduler": ..., "audit": {...}, "load": {...}, "stats": {...}, ...}
#   drawing {"scheduler": ..., "picture": BASE64, "load": {...}, ...}
#   messages {"loops": ..., "load": {...}}
#   ending {"scheduler": ..., "exit": ..., "errors": BASE64}
#   attempt {"name": ..., "exit": ..., "out": BASE64, "err": BASE64}
# Judging is the host's business, and so is what to measure next. Everything else that is printed is
# progress for a person.
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

# sleep_until HUNDREDTHS: at once, because whoever looks again and again is in the way of a load.
sleep_until() {
	left=$(($1 - $(hundredths)))
	[ $left -le 0 ] || sleep $((left / 100)).$(printf %02d $((left % 100)))
}

# measure SCHEDULER WARMUP SECONDS AUDIT_ARGUMENTS LOAD_ARGUMENT...: AUDIT_ARGUMENTS is one word for
# the shell. The judge starts before the scheduler does, so its warm-up must cover the scheduler's
# loading and the start of the load; where it did not, there is nothing to measure. The load ends
# with the window, because the judge is busy afterwards, and in its way.
measure() {
	scheduler=$1 warmup=$2 window_s=$3 audit_arguments=$4
	shift 4
	# shellcheck disable=SC2086  # Several arguments.
	scx_pair audit --warmup "$warmup" --seconds "$window_s" $audit_arguments \
		>$work/audit.out 2>$work/audit.err &
	audit_pid=$!
	wait_for 60 is_attached $audit_pid
	attached_cs=$(hundredths)
	start_scheduler "$scheduler"
	loaded_cs=$(hundredths)
	: >$work/load.json
	: >$work/load.err
	if [ "$loaded_cs" -lt $((attached_cs + warmup * 100)) ]; then
		# Commands that are over before the window opens leave nothing to judge.
		case "$*" in
		*run:*) sleep_until $((attached_cs + warmup * 100 - 200)) ;;
		esac
		load --settle 0.5 "$@" >$work/load.json 2>$work/load.err &
		load_pid=$!
		sleep_until $((attached_cs + (warmup + window_s) * 100))
		stop_load "$@"
	else
		kill -TERM $audit_pid 2>/dev/null
	fi
	wait $audit_pid
	audit_exit=$?
	state_after=$(cat $state)
	leave "$scheduler"
}

base64_of() {
	base64 "$1" | tr -d '\n'
}

# What cells and drawings have in common, without the braces.
print_measured() {
	printf '"scheduler":"%s","warmup":%s,"seconds":%s,' "$scheduler" "$warmup" "$window_s"
	printf '"attached_cs":%s,"loaded_cs":%s,' "$attached_cs" "$loaded_cs"
	printf '"audit_exit":%s,' "$audit_exit"
	printf '"state_after":"%s",' "$state_after"
	printf '"load":%s,' "$(json_or_null $work/load.json)"
	printf '"audit_errors":"%s",' "$(base64_of $work/audit.err)"
	printf '"load_errors":"%s"' "$(base64_of $work/load.err)"
}

# cell ROW SCHEDULER WARMUP SECONDS ROUND MOVE_BOUND_MS LOAD_ARGUMENT...: a bound of 0 is the
# judge's own.
cell() {
	row=$1 scheduler=$2 warmup=$3 window_s=$4 round=$5 bound=
	[ "$6" = 0 ] || bound="--move-bound $6"
	shift 6
	echo "progress: $row under $scheduler, round $round"
	measure "$scheduler" "$warmup" "$window_s" "--json --tasks -1 $bound" "$@"
	printf 'cell {"row":"%s","round":%s,' "$row" "$round"
	printf '"audit":%s,' "$(json_or_null $work/audit.out)"
	tail -n 1 $work/stats >$work/stats.json
	printf '"stats":%s,' "$(json_or_null $work/stats.json)"
	print_measured
	echo '}'
}

# drawing SCHEDULER WARMUP MILLISECONDS LOAD_ARGUMENT...: who is on the cpus of the first pair.
drawing() {
	scheduler=$1 warmup=$2 drawn_ms=$3
	shift 3
	echo "progress: drawing the first pair under $scheduler"
	measure "$scheduler" "$warmup" 1 "--timeline $drawn_ms --columns 100" "$@"
	printf 'drawing {"picture":"%s",' "$(base64_of $work/audit.out)"
	print_measured
	echo '}'
}

# messages LOOPS: how long messages.sh takes in two cgroups under this guest's EEVDF.
messages() {
	echo "progress: finding out how long hackbench takes"
	load run:a:1 run:b:1 --settle 0 -- sh /guest/messages.sh "$1" >$work/load.json
	printf 'messages {"loops":%s,"load":%s}\n' "$1" "$(json_or_null $work/load.json)"
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
