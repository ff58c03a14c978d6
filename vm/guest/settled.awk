# SPDX-License-Identifier: GPL-2.0-only
# Whether the rounds that a row has had are enough for the judge: exits 0 if so. Reads two files,
# the control's rounds, if it has any, and then ours, a line each: both_busy_ns wake_p99_ns wall_ns,
# the last one 0 where a command failed. It only saves time; what is measured is judged by judge.py.
#
# what=busy limit=NS: one round was busy so long. The best counts, so no further one can undo that.
# what=commands limit=RATIO most=N: more than half of N rounds kept to the ratio, as then the middle
#   one does whatever the others say.
# what=waits limit=RATIO: after two rounds the best of ours is within the ratio of the best of
#   theirs. Further ones may lower both, theirs too, so the ratio is less than the one judged.
FILENAME ~ /eevdf$/ { theirs[FNR] = what == "commands" ? $3 : $2; next }
{
	ours = what == "commands" ? $3 : $2
	if (what == "busy" && $1 >= limit) settled = 1
	if (what == "commands" && ours > 0 && ours <= theirs[FNR] * limit) good++
	if (FNR == 1 || ours < best_ours) best_ours = ours
	if (FNR == 1 || theirs[FNR] < best_theirs) best_theirs = theirs[FNR]
	rounds = FNR
}
END {
	if (what == "commands") settled = good > most / 2
	if (what == "waits") settled = rounds >= 2 && best_ours > 0 && best_ours <= best_theirs * limit
	exit settled ? 0 : 1
}
