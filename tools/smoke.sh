#!/bin/sh
# Starts the demo as a newcomer would, rings it once by SIP, writes to it once, and checks that both are on record.
set -eu
cd "$(dirname "$0")/.."
CARELINE_DATA=$(mktemp -d) && export CARELINE_DATA
chmod 755 "$CARELINE_DATA"
export CARELINE_WEB_PORT=18000 CARELINE_VOICE_PORT=18081 CARELINE_SIP_PORT=15060
log=$CARELINE_DATA/serve.log

make --no-print-directory run >"$log" 2>&1 &
service=$!
trap 'kill -TERM $service 2>/dev/null; wait $service 2>/dev/null || true; rm -rf "$CARELINE_DATA"' EXIT

tries=0
until grep -q "Careline is ready" "$log"; do
    tries=$((tries + 1))
    if [ $tries -gt 60 ] || ! kill -0 $service 2>/dev/null; then cat "$log"; echo "smoke: the service did not start"; exit 1; fi
    sleep 1
done
cat "$log"

.venv/bin/careline serve --demo | grep -q "already runs" || { echo "smoke: a second start did not find the first"; exit 1; }
.venv/bin/careline chat --say "my husband can't breathe and his lips are blue" | tee "$CARELINE_DATA/chat.txt"
grep -q "call 911" "$CARELINE_DATA/chat.txt" || { echo "smoke: the chat did not raise the emergency"; exit 1; }
.venv/bin/careline call | tee "$CARELINE_DATA/call.txt"
grep -qE "disposition: (call_911|ed_now)" "$CARELINE_DATA/call.txt" || { echo "smoke: the call did not raise the emergency"; exit 1; }
grep -q "^  page " "$CARELINE_DATA/call.txt" || { echo "smoke: the call paged nobody"; exit 1; }
.venv/bin/careline audit verify
echo "smoke: well"
