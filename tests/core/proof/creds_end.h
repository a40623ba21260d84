/* What the end of a fetch leaves behind, whoever had the keys. */
#ifndef TINYIAM_TESTS_CREDS_END_H
#define TINYIAM_TESTS_CREDS_END_H

#include "creds_elsewhere.h"

static void has_ended(int r, const struct iam_creds *from)
{
    const struct iam_exchange_config *c = &p.exchange.cfg;
    PROVE(p.step == STEP_CLOSE && p.text.n == 0 && p.error == r, "no more is asked");
    PROVE(byte_is_wiped || (byte >= gathered_at && byte < gathered) || (r < 0 && byte < p.used),
          "of what came nothing lasts but keys or words");
    PROVE((c->tx_size == 0 || tx_is_wiped) && (c->rx_size == 0 || rx_is_wiped), "nor in tx or rx");
    PROVE(query_is_forgotten || p.source == NULL || !p.source->is_query, "nor of the signature");
    PROVE(r == IAM_OK || has_words(p.used, gathered), "an error has its words");
    PROVE(r != IAM_ERR_SPACE || p.exchange.fault.need == p.need, "it says how much room it needs");
    PROVE(r < 0 || (p.keys.access_key_id.n > 0 && p.used == gathered &&
                    inside(p.keys.access_key_id, 0, p.used) &&
                    inside(p.keys.secret_access_key, 0, p.used) &&
                    inside(p.keys.session_token, 0, p.used)),
          "keys lie in front");
    PROVE(r < 0 || (p.due_ms > 0 && p.due_ms <= p.life_ms &&
                    (p.life_ms < INT64_MAX || !p.expiration.present)),
          "they end, if they say so");
    PROVE(r < 0 ? p.failures > 0 && p.failures >= from->failures : p.failures == 0, "are counted");
    p.step = STEP_IDLE;
    judge(&p);
    PROVE(r < 0 ? p.state == IAM_CREDS_FAILED || p.state == IAM_CREDS_FRESH
                : p.state == IAM_CREDS_FRESH,
          "it is not fetched again at once");
}

#endif
