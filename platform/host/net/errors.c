/* What went wrong in a call, in words, with what to do. */
#define _DEFAULT_SOURCE /* POSIX beside C11 */
#include "errors.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <mbedtls/error.h>
#include <mbedtls/version.h>
#include <tinyiam/port_config.h>
#include <tinyiam/port_tls.h>

#include "text/words.h"

/* X or XException: query services use the short spelling. */
static bool is_code(struct iam_span code, const char *name)
{
    if (code.n > 9 && memcmp(code.p + code.n - 9, "Exception", 9) == 0)
        code.n -= 9;
    return span_is(code, name);
}

static void say_url(struct say *s, const struct error_context *c)
{
    say_add(s, "%s://", c->plain ? "http" : "https");
    say_text(s, c->authority);
    say_text(s, c->path.n ? c->path : IAM_SPAN("/"));
}

static void say_tries(struct say *s, const struct error_context *c, const struct iam_fault *f)
{
    unsigned most =
        c->settings->max_attempts ? c->settings->max_attempts : CONFIG_TINYIAM_MAX_ATTEMPTS;
    if (f->attempts >= most) /* a corrected clock is no retry, but it is an attempt */
        say_add(s, " (reached max retries: %u)", most - 1);
}

/* "3 minutes 20 seconds" */
static void say_span_of_time(struct say *s, int64_t ms)
{
    long long seconds = (ms < 0 ? -ms : ms) / 1000;
    if (seconds >= 172800)
        say_add(s, "%lld days", seconds / 86400);
    else if (seconds >= 7200)
        say_add(s, "%lld hours", seconds / 3600);
    else if (seconds >= 120)
        say_add(s, "%lld minutes", seconds / 60);
    else
        say_add(s, "%lld seconds", seconds);
}

/* ---- what to do ---- */

/* Beyond this the service refuses signatures; Date has whole seconds. */
static bool clock_is_wrong(const struct iam_fault *f)
{
    return f->skew_ms > 240000 || f->skew_ms < -240000;
}

static void advise_clock(struct say *s, const struct iam_fault *f)
{
    say_add(s, " This computer's clock is ");
    say_span_of_time(s, f->skew_ms);
    say_add(s, " %s the service's: set it.", f->skew_ms > 0 ? "behind" : "ahead of");
}

static void advise_service(struct say *s, const struct error_context *c, const struct iam_fault *f)
{
    bool clock = is_code(f->code, "RequestExpired") || is_code(f->code, "RequestTimeTooSkewed") ||
                 is_code(f->code, "RequestInTheFuture");
    if ((clock || is_code(f->code, "SignatureDoesNotMatch") ||
         is_code(f->code, "InvalidSignature")) &&
        clock_is_wrong(f))
        advise_clock(s, f);
    else if (clock)
        say_add(s, " Check this computer's clock.");
    else if (is_code(f->code, "SignatureDoesNotMatch") || is_code(f->code, "InvalidSignature"))
        say_add(s, " Check the secret access key (%s).", c->keys_from);
    else if (is_code(f->code, "ExpiredToken") || is_code(f->code, "TokenRefreshRequired"))
        say_add(s, " The session has expired: get new credentials (now from: %s).", c->keys_from);
    else if (is_code(f->code, "InvalidClientTokenId") || is_code(f->code, "UnrecognizedClient"))
        say_add(
            s,
            " The access key is not known here: it is wrong, deleted, of another partition, or its "
            "session token is missing (now from: %s).",
            c->keys_from);
    else if (is_code(f->code, "AccessDenied") && strncmp(c->action, "Assume", 6) == 0)
        say_add(s, " The role's trust policy has to allow it to %s%s.", c->keys_from,
                strcmp(c->action, "AssumeRole") == 0
                    ? ", and a policy of theirs sts:AssumeRole on the role; check external_id, too"
                    : "");
    else if (is_code(f->code, "AccessDenied") || is_code(f->code, "UnauthorizedOperation"))
        say_add(s, " A policy has to allow iam:%s.", c->action);
    else if (is_code(f->code, "NoSuchEntity") && strncmp(c->action, "Get", 3) == 0)
        say_add(s,
                " A report is there for the session that generated it only, and for a limited "
                "time.%s",
                c->fetched ? " Every run of tinyiam is a session of its own with these keys: "
                             "entities generates and lists in one run."
                           : "");
    else if (is_code(f->code, "Throttling") || is_code(f->code, "TooManyRequests") ||
             is_code(f->code, "RequestLimitExceeded"))
        say_add(s, " Try again later, or with more --max-attempts.");
}

static void say_request_id(struct say *s, const struct iam_fault *f)
{
    if (!f->request_id.n)
        return;
    say_add(s, " (request id ");
    say_text(s, f->request_id);
    say_add(s, ")");
}

/* What came instead: enough to recognise a proxy's page. */
static void say_reply(struct say *s, const struct iam_fault *f)
{
    if (f->status)
        say_add(s, " HTTP status %d.", f->status);
    if (f->began.n) {
        say_add(s, " It begins with: b'");
        say_text(s, f->began);
        say_add(s, "'.");
    } else if (f->layer == IAM_LAYER_XML || f->layer == IAM_LAYER_REPLY) {
        say_add(s, " It is empty: b''.");
    }
}

/* ---- who answered instead ---- */

#define PORTAL "a sign-in page of the network (captive portal), or of a proxy"

static bool begins(struct iam_span text, const char *with)
{
    size_t n = strlen(with);
    return text.n >= n && strncasecmp(text.p, with, n) == 0;
}

/* The tag itself, not the beginning of a longer name: "<head>", not "<headers>". */
static bool begins_tag(struct iam_span text, const char *tag)
{
    size_t n = strlen(tag);
    return begins(text, tag) &&
           (text.n == n || text.p[n] <= ' ' || text.p[n] == '>' || text.p[n] == '/');
}

static struct iam_span without_blanks(struct iam_span text)
{
    while (text.n && text.p[0] <= ' ') {
        text.p++;
        text.n--;
    }
    return text;
}

/* HTML, as XML, too; IAM sends no document type declaration, whatever it declares. */
static bool is_web_page(const struct iam_fault *f)
{
    struct iam_span text = f->began;
    if (begins(text, "\xEF\xBB\xBF"))
        text = (struct iam_span){text.p + 3, text.n - 3};
    text = without_blanks(text);
    const char *end = begins(text, "<?xml") ? memchr(text.p, '>', text.n) : NULL;
    if (end)
        text = without_blanks((struct iam_span){end + 1, text.n - (size_t)(end + 1 - text.p)});
    return f->error == IAM_ERR_XML_DOCTYPE || begins(text, "<!doctype") ||
           begins_tag(text, "<html") || begins_tag(text, "<head") || begins_tag(text, "<body");
}

/* Is it where a redirection leads, or only the reason phrase? */
static bool is_location(struct iam_span text)
{
    return text.n && memchr(text.p, '/', text.n) != NULL;
}

/* Whoever sent this is not the service: it never redirects, and has no web pages. */
static void say_portal(struct say *s, const struct iam_fault *f)
{
    bool redirects = f->status >= 300 && f->status <= 399;
    if (f->error != IAM_ERR_SERVICE && is_location(f->message)) {
        say_add(s, " It leads to ");
        say_text(s, f->message);
        say_add(s, ".");
    }
    if (f->status == 511)
        say_add(s, " The network wants a sign-in first (captive portal): open any page in a web "
                   "browser.");
    else if (redirects)
        say_add(s, " The service never redirects, this is " PORTAL ".");
    else if (f->status < 500 &&
             is_web_page(f)) /* of errors a load balancer of the service has some */
        say_add(s, " This is a web page, and none of the service's: " PORTAL ".");
    else if (f->request_id.n == 0 && f->error != IAM_ERR_SERVICE)
        say_add(
            s, " Something between here and the service may have answered: a proxy, a login page.");
}

/* What came first on the connection: behind the proxy's answer, where a tunnel was opened. */
static struct iam_span heard(const struct net *net)
{
    struct iam_span text = {net->intake.heard, net->intake.heard_n}, body;
    struct iam_http head;
    const char *p = text.p;
    if (!net->shared->via.from || net->has_proxy_tls)
        return text;
    iam_http_init(&head);
    if (iam_http_next(&head, &p, text.p + text.n, &body) != IAM_HTTP_HEAD)
        return (struct iam_span){p, 0};
    return (struct iam_span){p, text.n - (size_t)(p - text.p)};
}

/* TLS was expected, and HTTP came, or a page of HTML right away. */
static bool say_plain(struct say *s, const struct error_context *c)
{
    struct iam_span text = c->net && c->net->shared ? heard(c->net) : IAM_SPAN(""), body;
    struct iam_http head;
    const char *p = text.p;
    if (!begins(text, "HTTP/1.") && !begins(text, "<!doctype") && !begins(text, "<html"))
        return false;
    iam_http_init(&head);
    (void)iam_http_next(&head, &p, text.p + text.n, &body);
    say_add(s, " What answers there does not speak TLS but plain HTTP");
    if (head.status)
        say_add(s, ", with status %u", (unsigned)head.status);
    if (head.has_location) {
        say_add(s, " that leads to ");
        say_text(s, (struct iam_span){head.reason, head.reason_len});
    }
    say_add(s, ": " PORTAL "; or the port is another service's.");
    return true;
}

/* ---- one layer each ---- */

/* A source of credentials answered, with something else than credentials. */
static int source_refused(struct say *s, const struct error_context *c, const struct iam_fault *f)
{
    bool number = f->code.n == 3 && f->code.p[0] >= '0' && f->code.p[0] <= '9'; /* the status */
    if (f->code.n && !number)
        say_text(s, f->code);
    if (f->message.n) {
        say_add(s, f->code.n && !number ? ": " : "");
        say_text(s, f->message);
    }
    say_add(s, " (");
    if (f->status)
        say_add(s, "HTTP status %d from ", f->status);
    say_add(s, "\"");
    say_url(s, c);
    say_add(s, "\").");
    if (strcmp(c->source, "iot") == 0)
        say_add(s, " Check role alias, thing name, and that the certificate is active and its "
                   "policy allows iot:AssumeRoleWithCertificate.");
    else if (strcmp(c->source, "container-role") == 0 && (f->status == 401 || f->status == 403))
        say_add(s, " Check the authorization token (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or "
                   "AWS_CONTAINER_AUTHORIZATION_TOKEN).");
    if (f->status / 100 == 3 || f->status == 511)
        say_portal(s, f);
    say_request_id(s, f);
    return CODE_OTHER;
}

/* A document of credentials that is none. */
static int source_document(struct say *s, const struct error_context *c, const struct iam_fault *f)
{
    say_add(s, "%s", iam_result_text(f->error));
    if (f->what.n) {
        say_add(s, " (");
        say_text(s, f->what);
        say_add(s, ")");
    }
    if (c->authority.n) {
        say_add(s, " in the answer of \"");
        say_url(s, c);
        say_add(s, "\"");
    }
    if (f->status)
        say_add(s, ", HTTP status %d", f->status);
    say_add(s, ".");
    if (f->status / 100 == 3 || f->status == 511 || is_web_page(f))
        say_portal(s, f);
    return CODE_OTHER;
}

static int service(struct say *s, const struct error_context *c, const struct iam_fault *f)
{
    if (c->source && !c->json)
        return source_refused(s, c, f);
    if (c->json && (f->status == 401 || span_is(f->code, "UnauthorizedException"))) {
        say_add(s, "The SSO session associated with this profile has expired or is otherwise "
                   "invalid. To refresh this SSO session run aws sso login with the corresponding "
                   "profile. (");
        say_string(s, c->keys_from);
        say_add(s, ")");
        say_request_id(s, f);
        return CODE_OTHER;
    }
    say_code(s, f->code.n ? f->code : (struct iam_span){NULL, 0}, f->message);
    say_add(s, "An error occurred (");
    if (f->code.n)
        say_text(s, f->code);
    else
        say_add(s, "Unknown");
    say_add(s, ") when calling the %s operation", c->action);
    say_tries(s, c, f);
    say_add(s, ": ");
    if (f->message.n)
        say_text(s, f->message);
    else
        say_add(s, "Unknown");
    if (f->need)
        say_add(s, "...");
    say_request_id(s, f);
    advise_service(s, c, f);
    if (f->code.n == 3 && f->code.p[0] >= '0' && f->code.p[0] <= '9') /* the status alone */
        say_portal(s, f);
    return CODE_SERVICE;
}

static void say_proxy_url(struct say *s, const struct proxy *via)
{
    say_add(s, "%s://", via->url.plain ? "http" : "https");
    say_text(s, via->url.authority);
}

static void say_proxy_answer(struct say *s, const struct error_context *c)
{
    const struct iam_proxy *tunnel = &c->net->tunnel;
    const struct proxy *via = &c->net->shared->via;
    say_add(s, " The proxy answered CONNECT with %u ", (unsigned)tunnel->http.status);
    if (tunnel->http.has_location)
        say_add(s, "that leads to ");
    say_text(s, (struct iam_span){tunnel->http.reason, tunnel->http.reason_len});
    if (tunnel->http.status == 407 && tunnel->offers_n && !tunnel->offers_basic) {
        say_add(s, ": it offers ");
        say_text(s, (struct iam_span){tunnel->offers, tunnel->offers_n});
        say_add(s,
                ", and tinyiam has Basic only. A relay on this computer that signs in (px, cntlm) "
                "helps: %s=http://localhost:PORT.",
                via->from);
    } else if (tunnel->http.status == 511 || tunnel->http.status / 100 == 3)
        say_add(s, ": " PORTAL ".");
    else if (tunnel->http.status == 407 && via->login)
        say_add(s, ": it does not take the user and password in %s.", via->from);
    else if (tunnel->http.status == 407)
        say_add(s, ": it wants a user and password, %s=http://USER:PASSWORD@HOST:PORT.", via->from);
    else if (tunnel->http.status >= 502)
        say_add(s, ": it could not reach the endpoint.");
    else
        say_add(s, ". NO_PROXY names hosts that can be reached without it.");
}

/* A failure on the way to a proxy, or by it; false: it is somebody else's. */
static bool proxy(struct say *s, const struct error_context *c, const struct iam_fault *f)
{
    const struct net *net = c->net;
    if (!net || !net->shared || !net->shared->via.from ||
        (net->tunnel.reached && f->error != IAM_ERR_PROXY &&
         !(f->error == IAM_ERR_CONNECT && net->tunnel.http.status)))
        return false;
    say_add(s, "Failed to connect to proxy URL: \"");
    say_proxy_url(s, &net->shared->via);
    say_add(s, "\" (%s).", net->shared->via.from);
    if (net->tunnel.http.status && f->native > 0)
        say_proxy_answer(s, c);
    else if (f->error == IAM_ERR_PROXY)
        say_add(s, " What answered there is no HTTP proxy (%s).", iam_result_text(f->native));
    else if (f->error == IAM_ERR_RESOLVE)
        say_add(s, " Its host name is not known (%s).",
                f->native ? gai_strerror(f->native) : "no address");
    else if (f->error == IAM_ERR_CONNECT && f->native)
        say_add(s, " %s.", strerror(f->native));
    else
        say_add(s, " %s.", iam_result_text(f->error));
    return true;
}

/* A certificate that is refused shows as an alert, or as an end: whichever is seen first. */
static void say_device(struct say *s, const struct error_context *c)
{
    if (c->source && strcmp(c->source, "iot") == 0)
        say_add(s, " It may not take the certificate: is it registered with AWS IoT, and active?");
}

static void say_name(struct say *s, const struct error_context *c)
{
    const struct resolve *names = c->net ? c->net->intake.resolve : NULL;
    if (names && resolve_pending(names))
        say_add(s, " No name server has answered so far.");
}

static int stream(struct say *s, const struct error_context *c, const struct iam_fault *f)
{
    if (proxy(s, c, f))
        return CODE_OTHER;
    switch (f->error) {
    case IAM_ERR_RESOLVE:
        say_add(s, "Could not connect to the endpoint URL: \"");
        say_url(s, c);
        say_add(s, "\" The host name is not known (%s).",
                f->native ? gai_strerror(f->native) : "no address");
        break;
    case IAM_ERR_CONNECT:
        say_add(s, "Could not connect to the endpoint URL: \"");
        say_url(s, c);
        say_add(s, "\" %s.",
                f->native ? strerror(f->native) : "No address accepted the connection");
        break;
    case IAM_ERR_TIMEOUT_CONNECT:
        say_add(s, "Connect timeout on endpoint URL: \"");
        say_url(s, c);
        say_add(s, "\" --cli-connect-timeout sets how long to wait.");
        say_name(s, c);
        break;
    case IAM_ERR_TIMEOUT_RESPONSE:
    case IAM_ERR_TIMEOUT_IDLE:
        say_add(s, "Read timeout on endpoint URL: \"");
        say_url(s, c);
        say_add(s, "\" --cli-read-timeout sets how long to wait.");
        break;
    case IAM_ERR_TIMEOUT_EXCHANGE:
        say_add(s, "Read timeout on endpoint URL: \"");
        say_url(s, c);
        say_add(s, "\" One request and its reply took too long.");
        break;
    case IAM_ERR_TIMEOUT_OPERATION:
        say_add(s, "The deadline of %g s has passed (--deadline).",
                c->settings->deadline_ms / 1000.0);
        say_name(s, c);
        break;
    case IAM_ERR_TRUNCATED:
        say_add(s, "An error occurred while reading from response stream: the connection ended in "
                   "the middle of "
                   "a reply from \"");
        say_url(s, c);
        say_add(s, "\".");
        break;
    default:
        say_add(s,
                "Connection was closed before we received a valid response from endpoint URL: \"");
        say_url(s, c);
        say_add(s, "\".");
        if (f->native > 0 && f->error != IAM_EOF)
            say_add(s, " %s.", strerror(f->native));
        say_device(s, c);
        break;
    }
    say_request_id(s, f);
    return CODE_OTHER;
}

#if defined(MBEDTLS_SSL_PROTO_TLS1_3) && CONFIG_TINYIAM_TLS13 && \
    MBEDTLS_VERSION_NUMBER >= 0x03060000
#define VERSIONS "TLS 1.2 and 1.3"
#else
#define VERSIONS "TLS 1.2"
#endif

/* Whose TLS has failed. */
static const struct iam_tls *failed_tls(const struct net *net)
{
    return net->has_proxy_tls && !net->tunnel.reached ? &net->proxy_tls : &net->tls;
}

static void say_version(struct say *s, const struct iam_fault *f)
{
    say_add(s, " The server takes no version of TLS that tinyiam offers: " VERSIONS
               ", which is what its mbedTLS " MBEDTLS_VERSION_STRING " has.");
    if (strcmp(VERSIONS, "TLS 1.2") == 0 && f->native == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE)
        say_add(s, " A server of TLS 1.3 alone needs a tinyiam that is built on mbedTLS 3.6.");
}

/* The alerts that say something to a person: RFC 8446, 6. */
static void say_alert(struct say *s, const struct error_context *c)
{
    static const struct {
        uint8_t number;
        const char *means;
    } alerts[] = {
        {40, "handshake_failure: no cipher suite, curve or kind of signature in common"},
        {42, "bad_certificate"},
        {48, "unknown_ca: it does not trust our certificate"},
        {49, "access_denied"},
        {71, "insufficient_security: it wants other cipher suites"},
        {80, "internal_error"},
        {112, "unrecognized_name: it has no certificate for this name"},
        {116, "certificate_required: it wants a certificate of ours"},
        {120, "no_application_protocol: it does not speak HTTP/1.1"},
    };
    uint8_t number = c->net ? failed_tls(c->net)->alert : 0;
    for (size_t i = 0; number && i < sizeof alerts / sizeof *alerts; i++)
        if (alerts[i].number == number)
            say_add(s, " The server's alert is %s.", alerts[i].means);
}

static int tls(struct say *s, const struct error_context *c, const struct iam_fault *f)
{
    char why[300] = "";
    say_add(s, "SSL validation failed for ");
    if (c->net && c->net->shared && c->net->shared->via.from && !c->net->tunnel.reached)
        say_proxy_url(s, &c->net->shared->via);
    else
        say_url(s, c);
    if (f->error == IAM_ERR_TLS_VERIFY) {
        iam_tls_verify_text(f->native, why, sizeof why);
        say_add(s, " certificate verify failed: %s.", why);
        if (f->native > 0 &&
            f->native & (MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE))
            say_add(s, " Check this computer's clock, too.");
        else if (f->native > 0 && f->native & MBEDTLS_X509_BADCERT_NOT_TRUSTED)
            say_add(s,
                    " --ca-bundle FILE names the authorities to trust (now %s, %s); on a network "
                    "that opens "
                    "TLS, add its own.",
                    c->settings->ca_file ? c->settings->ca_file : "none",
                    c->settings->ca_from ? c->settings->ca_from : "");
        if (f->native > 0 &&
            f->native & (MBEDTLS_X509_BADCERT_CN_MISMATCH | MBEDTLS_X509_BADCERT_NOT_TRUSTED))
            say_add(s, " A sign-in page of the network (captive portal) shows its own, too.");
        return CODE_OTHER;
    }
    if (f->error == IAM_ERR_TLS_MEMORY) { /* the library's words are for devices */
        say_add(s, " there is not enough memory (ulimit -v, or a container's limit).");
        return CODE_OTHER;
    }
    if ((f->error == IAM_ERR_TLS || f->error == IAM_ERR_TLS_RECORD) && say_plain(s, c))
        return CODE_OTHER;
    if (f->error == IAM_ERR_TLS_VERSION) {
        say_version(s, f);
        return CODE_OTHER;
    }
    if (f->native)
        mbedtls_strerror(f->native, why, sizeof why);
    say_add(s, " %s%s%s.", iam_result_text(f->error), *why ? ": " : "", why);
    if (f->error == IAM_ERR_TLS && f->native == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE)
        say_alert(s, c);
    if (f->error == IAM_ERR_TLS_RECORD)
        say_add(s,
                " It takes records of %d bytes (MBEDTLS_SSL_IN_CONTENT_LEN), and servers send them "
                "of 16384: build it with that.",
                (int)MBEDTLS_SSL_IN_CONTENT_LEN);
    say_device(s, c);
    return CODE_OTHER;
}

static int reply(struct say *s, const struct error_context *c, const struct iam_fault *f)
{
    if (c->source)
        return source_document(s, c, f);
    if (f->error == IAM_ERR_VALUE) {
        say_add(s, "Unable to parse response (the value of ");
        say_text(s, f->what);
        say_add(s, " is not of its type), invalid XML received.");
        say_request_id(s, f);
        return CODE_OTHER;
    }
    if (f->error == IAM_ERR_MEMBER) {
        say_add(s, "Unable to parse response (");
        say_text(s, f->what);
        say_add(s, " is missing, or there twice), invalid XML received.");
        say_request_id(s, f);
        return CODE_OTHER;
    }
    size_t at = 0;
    while (at < f->began.n && f->began.p[at] <= ' ')
        at++;
    bool markup = at < f->began.n && f->began.p[at] == '<';
    if (f->layer == IAM_LAYER_REPLY && markup)
        say_add(s, "'%sResult' is not in the reply: %s.", c->action, iam_result_text(f->error));
    else if (f->layer == IAM_LAYER_XML || f->layer == IAM_LAYER_REPLY)
        say_add(s,
                "Unable to parse response (%s), invalid XML received. Further retries may succeed:",
                iam_result_text(f->error));
    else {
        say_add(s, "Unable to parse response (%s", iam_result_text(f->error));
        if (f->what.n)
            say_add(s, ": ");
        say_text(s, f->what);
        say_add(s, "), invalid HTTP received.");
    }
    say_reply(s, f);
    say_request_id(s, f);
    say_portal(s, f);
    return CODE_OTHER;
}

/* A setting of a source, by the name that people know it by. */
static int source_setting(struct say *s, const struct iam_fault *f)
{
    static const struct {
        const char *what, *name;
        int code;
    } names[] = {
        {"full_uri", "AWS_CONTAINER_CREDENTIALS_FULL_URI", CODE_OTHER},
        {"relative_uri", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", CODE_OTHER},
        {"role_alias", "--iot-role-alias", CODE_USAGE},
        {"thing_name", "--iot-thing-name", CODE_USAGE},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i].what);
        if (f->what.n < n || memcmp(f->what.p, names[i].what, n) != 0)
            continue;
        say_add(s, "the value of %s is not usable", names[i].name);
        say_text(s, (struct iam_span){f->what.p + n, f->what.n - n}); /* ": why" */
        return names[i].code;
    }
    say_text(s, f->what);
    say_add(s, " is not usable");
    return CODE_OTHER;
}

static int caller(struct say *s, const struct error_context *c, const struct iam_fault *f)
{
    switch (f->error) {
    case IAM_ERR_ARGUMENT:
        if (c->source)
            return source_setting(s, f);
        say_add(
            s,
            "An error occurred (ParamValidation): Parameter validation failed:\nInvalid value for "
            "parameter ");
        say_text(s, f->what);
        if (f->need)
            say_add(s, ", value: %zu, valid %s: %zu", f->got, f->got < f->need ? "min" : "max",
                    f->need);
        if (c->place)
            say_add(s, " (");
        say_string(s, c->place ? c->place : "");
        say_add(s, c->place ? ")" : "");
        return CODE_USAGE;
    case IAM_ERR_CREDENTIALS:
        say_add(s, "The credentials are not usable (");
        say_text(s, f->what);
        say_add(s, ")");
        return CODE_SETTINGS;
    case IAM_ERR_REGION:
        say_add(s, "An error occurred (NoRegion): You must specify a region. You can also "
                   "configure your region by running \"aws configure\".");
        return CODE_SETTINGS;
    case IAM_ERR_SPACE:
        say_add(s, "A part of the reply does not fit: %zu bytes would be needed", f->need);
        return CODE_OTHER;
    default:
        say_add(s, "%s (", iam_result_text(f->error));
        say_text(s, f->what);
        say_add(s, ")");
        return CODE_OTHER;
    }
}

/* The report may come yet: which one it is, and what to do. */
static int not_ready(struct say *s, const struct error_context *c, const struct iam_fault *f)
{
    uint32_t most = c->settings->job_ms ? c->settings->job_ms : CONFIG_TINYIAM_JOB_MS;
    say_add(s, "The report ");
    say_text(s, f->what);
    say_add(s,
            " is IN_PROGRESS still, after %g s of waiting. --wait-timeout SECONDS waits longer; "
            "with its --job-id it can be looked at later.",
            most / 1000.0);
    say_request_id(s, f);
    return CODE_OTHER;
}

static int flow(struct say *s, const struct error_context *c, const struct iam_fault *f)
{
    if (f->error == IAM_ERR_TIMEOUT_JOB)
        return not_ready(s, c, f);
    if (!c->source)
        say_add(s, "The %s is not complete: ", c->is_list ? "list" : "report");
    say_add(s, "%s.", iam_result_text(f->error));
    say_request_id(s, f);
    if (f->error == IAM_ERR_SESSION)
        say_add(s,
                " The keys from %s ended before the list did, and a report is shown to the session "
                "that generated it only: a longer session (duration_seconds) may do.",
                c->keys_from);
    if (f->error == IAM_ERR_CHANGED)
        say_add(s, " Begin again for a consistent list%s%s.", c->checkpoint ? ": remove " : "",
                c->checkpoint ? c->checkpoint : "");
    return CODE_OTHER;
}

int errors_fault(const struct error_context *c, const struct iam_fault *f)
{
    struct say s;
    int code;
    say_begin(&s, SAY_ERROR);
    if (c->source && (!c->json || f->layer == IAM_LAYER_REPLY || f->layer == IAM_LAYER_CALLER))
        say_add(&s, "Error when retrieving credentials from %s: ", c->source);
    switch (f->layer) {
    case IAM_LAYER_SERVICE:
        code = service(&s, c, f);
        break;
    case IAM_LAYER_STREAM:
        code = stream(&s, c, f);
        break;
    case IAM_LAYER_TLS:
        code = tls(&s, c, f);
        break;
    case IAM_LAYER_HTTP:
    case IAM_LAYER_XML:
    case IAM_LAYER_REPLY:
        code = reply(&s, c, f);
        break;
    case IAM_LAYER_CALLER:
        code = caller(&s, c, f);
        break;
    default:
        code = flow(&s, c, f);
        break;
    }
    if (f->delivered)
        say_add(&s, " It happened after %lu items.", (unsigned long)f->delivered);
    say_end(&s);
    return code;
}

int errors_job_failed(const struct iam_report *r)
{
    struct say s;
    say_begin(&s, SAY_ERROR "The report could not be generated (");
    if (r->error_code.n)
        say_text(&s, r->error_code);
    else
        say_add(&s, "FAILED");
    say_add(&s, ")");
    if (r->error_message.n) {
        say_add(&s, ": ");
        say_text(&s, r->error_message);
    }
    say_end(&s);
    return CODE_SERVICE;
}

int errors_job_status(const struct iam_report *r)
{
    struct say s;
    say_begin(&s, SAY_ERROR);
    if (r->status == IAM_JOB_IN_PROGRESS) {
        say_add(&s, "The report is IN_PROGRESS, this is no list yet: --wait waits for it");
    } else {
        say_add(&s, "The report is not COMPLETED but '");
        say_text(&s, r->status_text);
        say_add(&s, "': this is no list");
    }
    say_end(&s);
    return CODE_OTHER;
}

int errors_output(int number)
{
    if (number == EPIPE || number == EINTR)
        return CODE_OTHER; /* who read it, or ran us, has had enough: nobody to tell */
    return say_error(CODE_OTHER, "Writing the output failed: %s. It is not complete",
                     strerror(number));
}
