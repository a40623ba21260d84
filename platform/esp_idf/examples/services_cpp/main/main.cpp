// Which services did an ARN use, and when last? A report is made, waited for and read, in one sitting and without a
// heap.
#include "network.h"

#include <esp_crt_bundle.h>
#include <esp_log.h>
#include <string_view>
#include <tinyiam/port_posix.h>
#include <tinyiam/port_sockets.h>
#include <tinyiam/port_tls.h>
#include <tinyiam/tinyiam.h>

namespace
{

const char tag[] = "services";

iam_span span_of(std::string_view text)
{
    return iam_span{text.data(), text.size()};
}

std::string_view view_of(const iam_span &span)
{
    return span.p != nullptr ? std::string_view(span.p, span.n) : std::string_view();
}

// A client with what is below it. Its parts point at each other: it is neither copied nor moved. What it was given
// as text is borrowed.
class Iam
{
  public:
    explicit Iam(const iam_credentials &keys) : keys_(keys)
    {
    }
    Iam(const Iam &) = delete;
    Iam &operator=(const Iam &) = delete;
    ~Iam()
    {
        if (!begun_)
            return;
        iam_client_end(&client_);
        iam_tls_free(&tls_);
        iam_tls_shared_free(&shared_);
    }

    // Before everything else, once. authority: an endpoint of one's own, or empty.
    int open(std::string_view region, std::string_view authority)
    {
        begun_ = true;
        iam_posix_init(&posix_);
        iam_sockets_config below = iam_sockets_config();
        below.system = &posix_.system;
        iam_sockets_init(&sockets_, &below);

        iam_tls_shared_config all = iam_tls_shared_config();
        all.system = &posix_.system;
        all.attach = esp_crt_bundle_attach;
        iam_tls_config above = iam_tls_config();
        above.below = &sockets_.stream;
        above.shared = &shared_;
        int result = iam_tls_shared_init(&shared_, &all);
        if (result == IAM_OK)
            result = iam_tls_init(&tls_, &above);
        if (result != IAM_OK)
            return result;

        iam_config config = iam_config();
        config.tx = tx_;
        config.tx_size = sizeof tx_;
        config.rx = rx_;
        config.rx_size = sizeof rx_;
        config.item = item_;
        config.item_size = sizeof item_;
        config.batch = batch_;
        config.batch_size = sizeof batch_;
        config.stream = &tls_.stream;
        config.system = &posix_.system;
        config.credentials = &keys_;
        config.region = span_of(region);
        config.authority = span_of(authority);
        config.user_agent = IAM_SPAN("tinyiam/" IAM_VERSION " esp-idf");
        return iam_client_init(&client_, &config);
    }

    // Calls take(const iam_service &) for each service of the ARN, whose text is valid in that call only. IAM_OK: those
    // were all; otherwise the list is not complete, whatever was taken.
    template <typename Take> int services(std::string_view arn, Take take)
    {
        iam_audit_request request = iam_audit_request();
        request.arn = span_of(arn);
        request.what = IAM_AUDIT_SERVICES;
        int result = iam_audit_start(&client_, &request);
        while (result >= 0 && (result = iam_run(&client_, 60000)) != IAM_OK)
            if (result == IAM_ITEM && iam_client_item(&client_)->kind == IAM_ITEM_SERVICE)
                take(iam_client_item(&client_)->u.service);
        return result;
    }

    const iam_fault &fault() const
    {
        return *iam_client_fault(&client_);
    }

  private:
    bool begun_ = false;
    iam_credentials keys_;
    iam_posix posix_ = iam_posix();
    iam_sockets sockets_ = iam_sockets();
    iam_tls_shared shared_ = iam_tls_shared();
    iam_tls tls_ = iam_tls();
    iam_client client_ = iam_client();
    char tx_[512], rx_[1024], item_[4096], batch_[IAM_AUDIT_BATCH_MIN];
};

void show(const iam_service &service)
{
    const std::string_view name = view_of(service.namespace_), who = view_of(service.last_entity);
    char when[40];
    const int n = service.last_authenticated.present
                      ? static_cast<int>(iam_time_text(&service.last_authenticated, when))
                      : 0;

    ESP_LOGI(tag, "%.*s %.*s %.*s", static_cast<int>(name.size()), name.data(), n != 0 ? n : 5,
             n != 0 ? when : "never", static_cast<int>(who.size()), who.data());
}

int run()
{
    static Iam iam(iam_credentials{iam_span_of(CONFIG_EXAMPLE_ACCESS_KEY_ID),
                                   iam_span_of(CONFIG_EXAMPLE_SECRET_ACCESS_KEY),
                                   iam_span_of(CONFIG_EXAMPLE_SESSION_TOKEN)});
    unsigned all = 0, used = 0;
    int result = iam.open(CONFIG_EXAMPLE_REGION, CONFIG_EXAMPLE_ENDPOINT);

    if (result == IAM_OK) {
        result = iam.services(
            CONFIG_EXAMPLE_ARN,
            [&](const iam_service &service) {
                all++;
                used += service.last_authenticated.present;
                show(service);
            });
    }
    if (result == IAM_OK) {
        ESP_LOGI(tag, "complete: %u services, %u used", all, used);
    } else {
        const std::string_view message = view_of(iam.fault().message);
        ESP_LOGE(tag, "%s (%s), native %d, HTTP %d %.*s", iam_result_text(result),
                 iam_result_name(result), iam.fault().native, iam.fault().status,
                 static_cast<int>(message.size()), message.data());
    }
    return result;
}

} // namespace

extern "C" void app_main()
{
    network_end(network_start() && run() == IAM_OK ? 0 : 1);
}
