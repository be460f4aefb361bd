# Runs one PostgreSQL server for tests, and ends it when the last test that used it is gone.
#
# Each test process holds a shared lock on FOLDER/users. The kernel gives it back however the process ends, so there is
# nothing that a panic or a kill could leave behind: when nobody has held it for GRACE seconds, the server is stopped and
# its data removed, with the lock held exclusively, so that who comes meanwhile waits and then starts anew.
#
# Arguments: FOLDER GRACE_SECONDS SERVER_COMMAND…
folder=$1
grace=$2
shift 2
"$@" >>"$folder/log" 2>&1 &
server=$!
exec 9>>"$folder/users"
idle=0
while kill -0 "$server" 2>/dev/null; do
    sleep 0.5
    if flock --nonblock --exclusive 9; then
        idle=$((idle + 1))
        if [ "$idle" -gt $((grace * 2)) ]; then
            kill -INT "$server" 2>/dev/null
            wait "$server"
            rm -rf "$folder/data"
            exit 0
        fi
        flock --unlock 9
    else
        idle=0
    fi
done
wait "$server"
