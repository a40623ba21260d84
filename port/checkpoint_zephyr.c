/* Checkpoints in Zephyr's settings; see tinyiam/port_zephyr.h. */
#include <tinyiam/port_zephyr.h>

#include <errno.h>
#include <zephyr/settings/settings.h>

struct found {
    struct iam_checkpoint *checkpoint;
    int code;
};

/* Called for the name itself (key NULL or empty), and for what lies below it. */
static int on_value(const char *key, size_t n, settings_read_cb read, void *context, void *param)
{
    struct found *f = param;

    if (key != NULL && *key != '\0')
        return 0;
    if (n != sizeof *f->checkpoint)
        f->code = -EBADMSG;
    else
        f->code = read(context, f->checkpoint, n) == (ssize_t)n ? 0 : -EIO;
    return 0;
}

int iam_zephyr_checkpoint_save(const char *name, const struct iam_checkpoint *checkpoint)
{
    return settings_save_one(name, checkpoint, sizeof *checkpoint);
}

int iam_zephyr_checkpoint_load(const char *name, struct iam_checkpoint *checkpoint)
{
    struct found f = {checkpoint, -ENOENT};
    int code = settings_load_subtree_direct(name, on_value, &f);

    return code != 0 ? code : f.code;
}

int iam_zephyr_checkpoint_forget(const char *name)
{
    return settings_delete(name);
}
