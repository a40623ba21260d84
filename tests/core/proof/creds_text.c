/* What looks at the texts of keys, of ANY length: is it a word; and how SSO's are written. Statics are set in main(): for
 * CBMC's loop contracts they begin as anything. */
#include "sinks.h"

static struct iam_span whole; /* the text */
static size_t some;           /* any place of it: what holds there holds everywhere */

#define ALNUM(c) (((c) >= '0' && (c) <= '9') || (((c) | 32) >= 'a' && ((c) | 32) <= 'z'))
#define OTHERS "=,@-"
#define IS_OTHER(c) ((c) == '=' || (c) == ',' || (c) == '@' || (c) == '-')
#define EACH(holds) CONTRACT(i <= s.n && (some >= i || some >= s.n || (holds)), s.n - i, i)
#define IN_WORD EACH(ALNUM(s.p[some]) || s.p[some] == '_' || IS_OTHER(s.p[some]))
#define ESCAPES CONTRACT(i <= s.n, s.n - i, i, out->total)

#ifdef WORD
#define strlen(text) (sizeof OTHERS - 1)
#define memchr(text, c, n) (n == 4 && IS_OTHER(c) ? text : NULL)
#include "core/flow/creds.c"

static void run(void)
{
    bool is = iam_creds_is_word(whole, OTHERS);
    PROVE(!is || (whole.n >= 1 && whole.n <= 128), "1 to 128");
    char c = some < whole.n ? whole.p[some] : 'x';
    PROVE(!is || ALNUM(c) || c == '_' || IS_OTHER(c), "of these characters only");
}
#else
#include "core/flow/source_sso.c"

static void run(void)
{
    static struct iam_creds p;
    struct iam_out out = {0};
    p.from.sso.role_name = p.from.sso.account_id = whole;
    put_query(&p.document, &out);
}
#endif

int main(void)
{
    whole = any_span(), some = nondet_size();
    run();
    REACHED();
    return 0;
}
