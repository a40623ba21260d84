# The source list of the host command as data. Paths are relative to this folder. It includes public
# headers only: core/include and port/include.

set(TINYIAM_HOST_SOURCES
  args.c
  chain.c
  checkpoint_file.c
  configure.c
  errors.c
  help.c
  ini.c
  interrupt.c
  json_text.c
  keys.c
  main.c
  net.c
  options.c
  out.c
  out_csv.c
  out_json.c
  out_jsonl.c
  out_table.c
  out_text.c
  process.c
  progress.c
  prompt.c
  proxy.c
  replace.c
  role_cache.c
  run.c
  say.c
  settings.c
  sink.c
  spool.c
  terminal.c
  trace.c
  tty.c
  url.c
  wanted.c
  words.c)

# Programs of their own; built on demand, each says what of mbedTLS it needs.
set(TINYIAM_HOST_EXAMPLES examples/device_key.c examples/four_clients.c
  examples/deep_sleep.c)
