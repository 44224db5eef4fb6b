#!/bin/sh
# A PostgreSQL server of one's own: reached by a socket in the directory, gone with the process that started this.
# Arguments: the folder of PostgreSQL's programs, an empty directory. Commands on standard input: stop, start.
set -eu
trap : INT TERM HUP
bin=$1 directory=$2

start() {
    "$bin/pg_ctl" -D "$directory/data" -l "$directory/server.log" -w \
        -o "-c listen_addresses= -c unix_socket_directories=$directory -c fsync=off -c max_connections=200" \
        start </dev/null >/dev/null
    echo up
}

stop() {
    "$bin/pg_ctl" -D "$directory/data" -m fast -w stop >/dev/null
}

"$bin/initdb" -D "$directory/data" -U emulator -A trust -E UTF8 --locale=C --no-sync >"$directory/initdb.log" 2>&1
start
while read -r command; do
    case $command in
        start) start ;;
        stop) stop && echo down ;;
    esac
done
stop || true
rm -rf "$directory"
