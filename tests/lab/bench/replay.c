/* A server that replays pages as fast as it can: TLS by OpenSSL, HTTP/1.1 kept alive. It checks nothing
 * (tests/lab/sim does); it counts, so that a client is what a benchmark measures.
 *
 *   replay CERTIFICATE KEY
 *
 * Commands on stdin, a line each, with an answer of one line on stdout; the end of stdin ends it:
 *   pages FOLDER COUNT     the first COUNT of FOLDER/00001.xml ...; the last of them says that it is the last
 *   audit FOLDER           FOLDER's generate.xml, services.xml, entities.xml, by what is asked for; each generated
 *                          report has a JobId of its own
 *   pause BYTES MS         from now on the first page stops after so many bytes for so long
 *   drop PAGE              ends the connection in the middle of that page, once
 *   report                 what has happened since the last report, as JSON
 *
 * A page is asked for by the Marker that the page before it gave; the first one without. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ssl.h>

#define PAGES_MAX 4096
#define REQUEST_MAX 65536

struct page {
    char *reply; /* head and body */
    size_t n, head;
    char marker[1024]; /* that leads to it, empty for the first */
};

static struct page pages[PAGES_MAX];
static size_t page_count;
static bool by_action;
static long reports; /* generated */
static long pause_at, pause_ms, drop_page;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static SSL_CTX *tls;
static volatile long active;
static struct seen {
    long connections, handshakes, resumed, requests, segments, largest_request, unknown;
    long long bytes_in, bytes_out, first_byte_ns, first_page_end_ns;
    char cipher[64], version[16];
} seen;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static long long now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000000000 + t.tv_nsec;
}

static char *read_file(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    char *p;
    if (!f || fseek(f, 0, SEEK_END) != 0)
        die(path);
    *n = (size_t)ftell(f);
    rewind(f);
    p = malloc(*n + 1);
    if (!p || fread(p, 1, *n, f) != *n)
        die(path);
    p[*n] = '\0';
    fclose(f);
    return p;
}

/* The text of <Marker>, as it will come back: the pages' markers need no escapes. */
static void take_marker(const char *body, char to[1024])
{
    const char *p = strstr(body, "<Marker>"), *end = p ? strstr(p, "</Marker>") : NULL;
    to[0] = '\0';
    if (end && end - p - 8 < 1024)
        snprintf(to, 1024, "%.*s", (int)(end - p - 8), p + 8);
}

static void put_page(size_t i, const char *body, size_t n)
{
    char head[256];
    int h = snprintf(head, sizeof head,
                     "HTTP/1.1 200 OK\r\nx-amzn-RequestId: 00000000-0000-0000-0000-%012zu\r\n"
                     "Content-Type: text/xml\r\nContent-Length: %zu\r\n\r\n",
                     i + 1, n);
    pages[i].head = (size_t)h;
    pages[i].n = (size_t)h + n;
    pages[i].reply = malloc(pages[i].n);
    memcpy(pages[i].reply, head, (size_t)h);
    memcpy(pages[i].reply + h, body, n);
}

static void unload(void)
{
    for (size_t i = 0; i < page_count; i++)
        free(pages[i].reply);
    page_count = 0;
}

enum { GENERATE, SERVICES, ENTITIES, ACTIONS };

static void load_audit(const char *folder)
{
    static const char *const names[ACTIONS] = {"generate", "services", "entities"};
    char path[4096];
    unload();
    for (size_t i = 0; i < ACTIONS; i++) {
        size_t n;
        snprintf(path, sizeof path, "%s/%s.xml", folder, names[i]);
        char *body = read_file(path, &n);
        put_page(i, body, n);
        free(body);
    }
    page_count = ACTIONS;
    by_action = true;
}

static void load(const char *folder, size_t count)
{
    char marker[1024] = "", path[4096], *body;
    size_t i, n;
    unload();
    by_action = false;
    for (i = 0; i < count && i < PAGES_MAX; i++) {
        snprintf(path, sizeof path, "%s/%05zu.xml", folder, i + 1);
        body = read_file(path, &n);
        memcpy(pages[i].marker, marker, sizeof marker);
        take_marker(body, marker);
        if (i + 1 == count) {
            char *flag = strstr(body, "<IsTruncated>true<");
            if (flag) { /* " true" for "false" would be another value: move what follows by a byte */
                body = realloc(body, n + 2);
                flag = strstr(body, "<IsTruncated>true<") + 13;
                memmove(flag + 5, flag + 4, n + 1 - (size_t)(flag + 4 - body));
                memcpy(flag, "false", 5);
                n++;
            }
        }
        put_page(i, body, n);
        free(body);
    }
    page_count = i;
}

static int hex(int c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

/* Which page a request asks for, or -1. */
static long asked(const char *body)
{
    const char *p = strstr(body, "&Marker=");
    char marker[1024];
    if (by_action)
        return strstr(body, "DetailsWithEntities")                    ? ENTITIES
               : strstr(body, "Action=GetServiceLastAccessedDetails") ? SERVICES
               : strstr(body, "Action=GenerateServiceLastAccessed")   ? GENERATE
                                                                      : -1;
    size_t n = 0;
    if (!p && strncmp(body, "Marker=", 7) == 0)
        p = body - 1;
    if (p) {
        for (p += 8; *p && *p != '&' && n < sizeof marker - 1; p++) {
            marker[n] = *p == '+' ? ' ' : *p;
            if (*p == '%' && p[1] && p[2]) {
                marker[n] = (char)(hex(p[1]) << 4 | hex(p[2]));
                p += 2;
            }
            n++;
        }
    }
    marker[n] = '\0';
    for (size_t i = 0; i < page_count; i++)
        if (strcmp(pages[i].marker, marker) == 0)
            return (long)i;
    return -1;
}

/* One request into text: its length, or 0 at the end of the connection. */
static size_t read_request(SSL *s, char *text, char **body)
{
    size_t n = 0;
    for (;;) {
        int got = SSL_read(s, text + n, (int)(REQUEST_MAX - 1 - n));
        if (got <= 0)
            return 0;
        n += (size_t)got;
        text[n] = '\0';
        char *end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "\r\ncontent-length:");
        if (end) {
            size_t whole = (size_t)(end + 4 - text) + (length ? strtoul(length + 17, NULL, 10) : 0);
            *body = end + 4;
            if (n >= whole)
                return n;
        }
        if (n >= REQUEST_MAX - 1)
            return 0;
    }
}

static int send_page(SSL *s, long i)
{
    const struct page *p = &pages[i];
    size_t at = 0, stop = p->n;
    if (drop_page == i + 1) {
        drop_page = 0;
        SSL_write(s, p->reply, (int)(p->n / 2));
        return 0;
    }
    if (i == 0 && pause_ms > 0 && (size_t)pause_at < p->n) {
        stop = (size_t)pause_at;
        if (SSL_write(s, p->reply, (int)stop) <= 0)
            return 0;
        usleep((useconds_t)pause_ms * 1000);
        at = stop;
    }
    if (by_action && i == GENERATE) { /* its JobId ends in twelve digits: a number of its own */
        char own[4096], number[16];
        memcpy(own, p->reply, p->n);
        char *id = memmem(own, p->n, "<JobId>", 7);
        snprintf(number, sizeof number, "%012ld", __sync_add_and_fetch(&reports, 1));
        memcpy(id + 7 + 24, number, 12);
        return SSL_write(s, own, (int)p->n) > 0;
    }
    if (i == 0)
        seen.first_page_end_ns = now_ns();
    return SSL_write(s, p->reply + at, (int)(p->n - at)) > 0;
}

static void count_request(size_t n, long page)
{
    pthread_mutex_lock(&lock);
    seen.requests++;
    seen.bytes_in += (long long)n;
    if ((long)n > seen.largest_request)
        seen.largest_request = (long)n;
    if (page < 0)
        seen.unknown++;
    else
        seen.bytes_out += (long long)pages[page].n;
    pthread_mutex_unlock(&lock);
}

static void *serve(void *arg)
{
    static const char none[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    int fd = (int)(intptr_t)arg;
    char *text = malloc(REQUEST_MAX), *body, byte;
    SSL *s = SSL_new(tls);
    struct tcp_info info;
    socklen_t size = sizeof info;
    size_t n;
    if (recv(fd, &byte, 1, MSG_PEEK) == 1 && seen.first_byte_ns == 0)
        seen.first_byte_ns = now_ns();
    SSL_set_fd(s, fd);
    if (SSL_accept(s) == 1) {
        pthread_mutex_lock(&lock);
        seen.handshakes++;
        seen.resumed += SSL_session_reused(s);
        snprintf(seen.cipher, sizeof seen.cipher, "%s", SSL_get_cipher(s));
        snprintf(seen.version, sizeof seen.version, "%s", SSL_get_version(s));
        pthread_mutex_unlock(&lock);
        while ((n = read_request(s, text, &body)) > 0) {
            long page = asked(body);
            count_request(n, page);
            if (page < 0 ? SSL_write(s, none, sizeof none - 1) <= 0 : !send_page(s, page))
                break;
        }
    }
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0) {
        pthread_mutex_lock(&lock);
        seen.segments += (long)info.tcpi_data_segs_in;
        pthread_mutex_unlock(&lock);
    }
    SSL_free(s);
    close(fd);
    free(text);
    pthread_mutex_lock(&lock);
    seen.connections++;
    active--;
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void *listen_on(void *arg)
{
    int listener = (int)(intptr_t)arg, one = 1;
    for (;;) {
        pthread_t thread;
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        pthread_mutex_lock(&lock);
        active++;
        pthread_mutex_unlock(&lock);
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd) == 0)
            pthread_detach(thread);
    }
    return NULL;
}

/* Once every connection has ended, or after a second. What is new is counted anew before it is printed. */
static void report(void)
{
    struct seen was;
    int tries;
    for (tries = 0; tries < 1000 && active > 0; tries++)
        usleep(1000);
    pthread_mutex_lock(&lock);
    was = seen;
    memset(&seen, 0, sizeof seen);
    pthread_mutex_unlock(&lock);
    printf("{\"connections\": %ld, \"handshakes\": %ld, \"resumed\": %ld, \"requests\": %ld, "
           "\"unknown\": %ld, \"segments\": %ld, \"largest_request\": %ld, \"bytes_in\": %lld, "
           "\"bytes_out\": %lld, \"first_byte_ns\": %lld, \"first_page_end_ns\": %lld, "
           "\"cipher\": \"%s\", \"version\": \"%s\"}\n",
           was.connections, was.handshakes, was.resumed, was.requests, was.unknown, was.segments,
           was.largest_request, was.bytes_in, was.bytes_out, was.first_byte_ns,
           was.first_page_end_ns, was.cipher, was.version);
}

static int open_listener(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&a, &size) != 0)
        die("loopback");
    printf("{\"port\": %u}\n", ntohs(a.sin_port));
    return fd;
}

int main(int argc, char **argv)
{
    char line[4096], folder[4000];
    pthread_t thread;
    size_t count;
    if (argc != 3) {
        fprintf(stderr, "usage: %s CERTIFICATE KEY\n", argv[0]);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    tls = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(tls, argv[1]) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls, argv[2], SSL_FILETYPE_PEM) != 1) {
        fprintf(stderr, "replay: %s, %s: no certificate and key\n", argv[1], argv[2]);
        return 1;
    }
    SSL_CTX_set_session_id_context(tls, (const unsigned char *)"replay", 6);
    if (pthread_create(&thread, NULL, listen_on, (void *)(intptr_t)open_listener()) != 0)
        die("thread");
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "pages %3999s %zu", folder, &count) == 2)
            load(folder, count);
        else if (sscanf(line, "audit %3999s", folder) == 1)
            load_audit(folder);
        else if (strncmp(line, "report", 6) == 0) {
            report();
            continue;
        } else if (sscanf(line, "pause %ld %ld", &pause_at, &pause_ms) != 2 &&
                   sscanf(line, "drop %ld", &drop_page) != 1)
            fprintf(stderr, "replay: what is '%s'?\n", line);
        printf("{\"pages\": %zu}\n", page_count);
    }
    return 0;
}
