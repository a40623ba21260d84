/* application/x-www-form-urlencoded, as query services want it. */
#include <tinyiam/parts/form.h>

void iam_form_text(struct iam_out *o, struct iam_span utf8)
{
    iam_out_escaped(o, utf8, 0x100);
}

void iam_form_latin1(struct iam_out *o, struct iam_span latin1)
{
    iam_out_escaped(o, latin1, 0x80);
}
