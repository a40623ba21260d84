# The source list of the host command as data. Paths are relative to this folder. It includes public
# headers only, core/include and port/include, and platform/common. Its rooms, of which each knows those before it:
#   text/    words, lines for people, bytes to a file or a pager, values as text
#   args/    the command line, and help
#   config/  settings: files, environment, addresses
#   net/     sockets, TLS and proxies; what went wrong there; the trace
#   keys/    who signs: sources of credentials, helpers, the sessions of roles that are kept
#   calls/   clients with all of that, what they wait for, and what they have cost
#   out/     formats of output, the columns of a table, progress, the checkpoint's file
#   audit/   ARNs in, rows out: what an audit of many is made of
# and, in front of them, the commands.

set(TINYIAM_HOST_SOURCES
  text/columns.c
  text/error_format.c
  text/interrupt.c
  text/json.c
  text/pager.c
  text/replace.c
  text/say.c
  text/sink.c
  text/stop.c
  text/temporary.c
  text/terminal.c
  text/token.c
  text/values.c
  text/wanted.c
  text/words.c
  text/yaml.c
  args/args.c
  args/commands.c
  args/help.c
  args/options.c
  config/ini.c
  config/settings.c
  net/errors.c
  net/net.c
  net/proxy.c
  net/resolve.c
  net/trace.c
  keys/chain.c
  keys/dpop.c
  keys/keys.c
  keys/login.c
  keys/post.c
  keys/process.c
  keys/prompt.c
  keys/role_cache.c
  keys/sources.c
  keys/sso.c
  keys/state_file.c
  keys/tty.c
  calls/caller.c
  calls/sessions.c
  calls/stats.c
  calls/waiting.c
  out/checkpoint_file.c
  out/grid.c
  out/object.c
  out/out.c
  out/out_csv.c
  out/out_json.c
  out/out_jsonl.c
  out/out_off.c
  out/out_table.c
  out/out_text.c
  out/out_yaml.c
  out/progress.c
  out/spool.c
  audit/account.c
  audit/audit_checkpoint.c
  audit/denied.c
  audit/formats.c
  audit/grants.c
  audit/hold.c
  audit/html.c
  audit/input.c
  audit/input_json.c
  audit/input_read.c
  audit/jobs.c
  audit/lines.c
  audit/namespaces.c
  audit/report.c
  audit/row.c
  audit/table.c
  audit/turns.c
  audit.c
  audit_options.c
  complete.c
  configure.c
  formats.c
  main.c
  run.c)

# Programs of their own; built on demand, each says what of mbedTLS it needs.
set(TINYIAM_HOST_EXAMPLES examples/device_key.c examples/four_clients.c
  examples/deep_sleep.c)
