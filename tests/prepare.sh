#!/bin/sh
# Sees to it that what the suite needs beside Rust is here: a C compiler,
# RabbitMQ, and Python with venv, which the tools of the other languages come
# by. Installs it through apt as root; otherwise names what is missing.
# Starts nothing: the tests start a broker of their own.
set -eu

missing=
command -v cc >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || missing="$missing rabbitmq-server"
command -v epmd >/dev/null 2>&1 || missing="$missing erlang-base"
python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || missing="$missing python3-venv"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "missing:$missing" >&2
    echo "install it with: sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # the names are words of one list
apt-get install -y -qq --no-install-recommends $missing
