#!/bin/sh
# Runs once, in an empty database: the users of the nodes and of Grafana. Their rights come with "lifo4-ml migrate".
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" \
  -v cloud="$CLOUD_PASSWORD" -v grafana="$GRAFANA_PASSWORD" <<'SQL'
create role lifo4_writer nologin;
create role lifo4_reader nologin;
create user lifo4_cloud password :'cloud' in role lifo4_writer;
create user lifo4_grafana password :'grafana' in role lifo4_reader;
SQL
