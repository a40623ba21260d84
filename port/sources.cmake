# The source list of the ports as data: host, bare metal, ESP-IDF and Zephyr pick what they have. Paths
# are relative to this folder. Includes: port/include (public), port/ (private), core/include.

# The stepping and blocking loops over the engine, and results and times in words; every platform.
set(TINYIAM_PORT_DRIVE_SOURCES drive.c text.c)

# A TCP stream on sockets: POSIX; IAM_SOCKETS_LWIP or IAM_SOCKETS_ZEPHYR defined: those.
set(TINYIAM_PORT_SOCKETS_SOURCES sockets.c)

# Clocks, entropy and idling on POSIX. idle_sockets.c waits for streams on any of these sockets: it is for
# every system, one of yours too.
set(TINYIAM_PORT_POSIX_SOURCES system_posix.c idle_sockets.c)

# TLS on mbedTLS 2.28, 3.6 or 4.x over any stream.
set(TINYIAM_PORT_TLS_SOURCES
  tls_mbedtls.c tls_keys.c tls_name.c tls_verify.c tls_roots.c tls_session.c tls_text.c)

# A tunnel through an HTTP proxy, over any stream.
set(TINYIAM_PORT_PROXY_SOURCES proxy_connect.c)

# Roots from a file; where mbedTLS has MBEDTLS_FS_IO.
set(TINYIAM_PORT_TLS_FILE_SOURCES tls_ca_file.c)

# lwIP without an operating system: a stream on a raw pcb, SNTP.
set(TINYIAM_PORT_LWIP_SOURCES lwip_raw.c sntp_lwip.c)

# Zephyr: clocks, entropy and idling; TLS by native TLS sockets; the time by SNTP; checkpoints in settings.
set(TINYIAM_PORT_ZEPHYR_SOURCES system_zephyr.c idle_sockets.c)
set(TINYIAM_PORT_ZEPHYR_TLS_SOURCES tls_zephyr.c)
set(TINYIAM_PORT_ZEPHYR_SNTP_SOURCES sntp_zephyr.c)
set(TINYIAM_PORT_ZEPHYR_SETTINGS_SOURCES checkpoint_zephyr.c)

# To be copied for a new platform; only its test compiles it (tests/ports/port/test_template.c).
set(TINYIAM_PORT_TEMPLATE_SOURCES template/stream.c template/system.c)

# What a POSIX host takes.
set(TINYIAM_PORT_SOURCES
  ${TINYIAM_PORT_DRIVE_SOURCES}
  ${TINYIAM_PORT_SOCKETS_SOURCES}
  ${TINYIAM_PORT_POSIX_SOURCES}
  ${TINYIAM_PORT_TLS_SOURCES}
  ${TINYIAM_PORT_PROXY_SOURCES}
  ${TINYIAM_PORT_TLS_FILE_SOURCES})
