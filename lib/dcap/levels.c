// SPDX-License-Identifier: Apache-2.0
/* TCB levels: what all have, and those by ISVSVN. */
#include "lib/dcap/levels.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int read_advisories(struct json_object *o, struct dcap_advisories *ret, struct err *e)
{
	struct json_object *array, *item;
	size_t count;
	int r;

	if (!json_object_object_get_ex(o, "advisoryIDs", NULL))
		return 0;
	r = json_array(o, "advisoryIDs", 0, DCAP_ADVISORIES_MAX, &array, &count, e);
	if (r < 0 || count == 0)
		return r;
	ret->id = calloc(count, sizeof(ret->id[0]));
	if (!ret->id)
		return err_set(e, -ENOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		item = json_object_array_get_idx(array, i);
		if (!json_object_is_type(item, json_type_string))
			return err_set(e, -EINVAL, "advisoryIDs: %zu is no string", i);
		ret->id[i] = json_object_get_string(item);
	}
	ret->count = count;
	return 0;
}

int dcap_level_read(struct json_object *o, enum dcap_status *status, int64_t *date,
                    struct dcap_advisories *advisories, struct err *e)
{
	const char *name;
	int r = json_date(o, "tcbDate", date, e);

	if (r == 0)
		r = read_advisories(o, advisories, e);
	if (r == 0)
		r = json_string(o, "tcbStatus", &name, e);
	if (r < 0)
		return r;
	*status = dcap_status_of(name, strlen(name));
	/* These two are what verification makes of others; no level has them. */
	if (*status == DCAP_TD_RELAUNCH_ADVISED ||
	    *status == DCAP_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED)
		*status = DCAP_NONE;
	return 0;
}

/* The highest first; of one ISVSVN the newest. */
static int compare(const void *a, const void *b)
{
	const struct dcap_isv_level *x = a, *y = b;

	if (x->isvsvn == y->isvsvn)
		return x->date == y->date ? 0 : x->date < y->date ? 1 : -1;
	return x->isvsvn < y->isvsvn ? 1 : -1;
}

static int read_level(struct json_object *o, enum dcap_isv_levels_of of, struct dcap_isv_level *ret,
                      struct err *e)
{
	const uint32_t max = of == DCAP_OF_QE ? UINT32_MAX : UINT16_MAX;
	struct json_object *tcb;
	int r = dcap_level_read(o, &ret->status, &ret->date, &ret->advisories, e);

	if (r == 0)
		r = json_inner(o, "tcb", &tcb, e);
	if (r == 0)
		r = json_number(tcb, "isvsvn", max, &ret->isvsvn, e);
	if (r < 0 || ret->status == DCAP_UP_TO_DATE || ret->status == DCAP_OUT_OF_DATE ||
	    ret->status == DCAP_REVOKED)
		return r;
	if (of == DCAP_OF_QE)
		return err_set(e, -EINVAL, "tcbStatus is neither UpToDate, OutOfDate nor Revoked");
	ret->status = DCAP_NONE;
	return 0;
}

int dcap_isv_levels_parse(struct json_object *o, enum dcap_isv_levels_of of,
                          struct dcap_isv_levels *ret, struct err *e)
{
	struct json_object *array;
	size_t count;
	int r = json_array(o, "tcbLevels", 1, DCAP_LEVELS_MAX, &array, &count, e);

	if (r < 0)
		return r;
	ret->level = calloc(count, sizeof(ret->level[0]));
	if (!ret->level)
		return err_set(e, -ENOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		ret->count = i + 1;
		r = read_level(json_object_array_get_idx(array, i), of, &ret->level[i], e);
		if (r < 0)
			return err_wrap(e, r, "tcbLevels: %zu", i);
	}
	qsort(ret->level, count, sizeof(ret->level[0]), compare);
	for (size_t i = 1; i < count; i++) {
		if (ret->level[i - 1].isvsvn == ret->level[i].isvsvn &&
		    (of == DCAP_OF_MODULE || compare(&ret->level[i - 1], &ret->level[i]) == 0))
			return err_set(e, -EINVAL, "tcbLevels has ISVSVN %u twice",
			               ret->level[i].isvsvn);
	}
	return 0;
}

void dcap_isv_levels_free(struct dcap_isv_levels *levels)
{
	for (size_t i = 0; i < levels->count; i++)
		free(levels->level[i].advisories.id);
	free(levels->level);
	*levels = (struct dcap_isv_levels){ 0 };
}

const struct dcap_isv_level *dcap_isv_level_of(const struct dcap_isv_levels *levels,
                                               uint32_t isvsvn)
{
	for (size_t i = 0; i < levels->count; i++) {
		if (levels->level[i].isvsvn <= isvsvn)
			return &levels->level[i];
	}
	return NULL;
}
