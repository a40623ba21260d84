# The portable core, as data: every build (host, bare metal, ESP-IDF, Zephyr) takes its list from here.
# Paths are relative to this folder. Layers: base <- wire <- model <- flow; a test holds the includes to
# that order, and this list to what lies in the folders.

set(TINYIAM_CORE_SOURCES
  base/datetime.c
  base/out.c
  base/utf8.c
  wire/form.c
  wire/http_read.c
  wire/sigv4.c
  wire/xml.c
  wire/xml_fast.c
  model/decode.c
  model/encode.c
  model/endpoint.c
  model/iam.c
  flow/address.c
  flow/again.c
  flow/call.c
  flow/checkpoint.c
  flow/exchange.c)

# One of these two, by the version of mbedTLS: before 4.0, and from 4.0 on (with IAM_SHA256_PSA defined).
set(TINYIAM_CORE_SHA256_MBEDTLS base/sha256_mbedtls.c)
set(TINYIAM_CORE_SHA256_PSA base/sha256_psa.c)
