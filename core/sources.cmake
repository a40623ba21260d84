# The portable core, as data: every build (host, bare metal, ESP-IDF, Zephyr) takes its list from here.
# Paths are relative to this folder. Layers: base <- wire <- model <- flow; a test holds the includes to
# that order, and this list to what lies in the folders.

set(TINYIAM_CORE_SOURCES
  base/bytes.c
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
  model/endpoint_sts.c
  model/envelopes.c
  model/iam.c
  model/job_lists.c
  model/op_entities.c
  model/op_generate.c
  model/op_grants.c
  model/op_groups.c
  model/op_policies.c
  model/op_roles.c
  model/op_services.c
  model/op_users.c
  model/rare.c
  flow/again.c
  flow/attempt.c
  flow/call.c
  flow/checkpoint.c
  flow/exchange.c
  flow/list.c
  flow/query.c)

# What an option of Kconfig adds: CONFIG_TINYIAM_<option> the list TINYIAM_CORE_<option>. Without CREDS
# no option CREDS_... is on.
set(TINYIAM_CORE_OPTIONS AUDIT PACE CREDS CREDS_IOT CREDS_CONTAINER CREDS_IMDS CREDS_SSO CREDS_STS)
# Of these, what is off by default; the host command turns it on for itself.
set(TINYIAM_CORE_OFF CREDS_SSO)
set(TINYIAM_CORE_AUDIT flow/audit.c)
set(TINYIAM_CORE_PACE flow/pace.c)
set(TINYIAM_CORE_CREDS flow/creds.c flow/creds_json.c flow/document.c wire/json.c)
set(TINYIAM_CORE_CREDS_IOT flow/source_iot.c)
set(TINYIAM_CORE_CREDS_CONTAINER flow/source_container.c)
set(TINYIAM_CORE_CREDS_IMDS flow/source_imds.c)
set(TINYIAM_CORE_CREDS_SSO flow/source_sso.c flow/post.c)
set(TINYIAM_CORE_CREDS_STS flow/source_sts.c model/op_assume_role.c model/op_web_identity.c model/sts.c)

# One of these two, by the version of mbedTLS: before 4.0, and from 4.0 on (with IAM_SHA256_PSA defined).
set(TINYIAM_CORE_SHA256_MBEDTLS base/sha256_mbedtls.c)
set(TINYIAM_CORE_SHA256_PSA base/sha256_psa.c)
