// SPDX-License-Identifier: Apache-2.0
/* What a genuine quote's verdict is: levels, convergence, dates, advisories, relaunch, expiry. */
#include "tests/unit/lib/dcap/rows.h"

#define LEVEL(...) (&(struct world_level){ __VA_ARGS__ })

static struct world *w;

static int setup(void **state)
{
	(void)state;
	w = calloc(1, sizeof(*w));
	return w ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	world_free(w);
	free(w);
	return 0;
}

static void verify(enum dcap_status status)
{
	enum dcap_error error = world_verify(w);

	if (error)
		print_error("%s\n", w->result.message);
	assert_int_equal(error, status == DCAP_REVOKED ? DCAP_E_TCB_REVOKED : DCAP_OK);
	assert_string_equal(dcap_status_name(w->result.status), dcap_status_name(status));
}

static void the_highest_level_that_is_reached_counts_whatever_the_order_in_the_json(void **state)
{
	(void)state;
	for (int reverse = 0; reverse < 2; reverse++) {
		static const struct world_level levels[] = {
			{ 6, 12, "UpToDate", "2025-05-01", NULL, 0, 0, 0 },
			{ 5, 12, "SWHardeningNeeded", "2025-04-01", NULL, 0, 0, 0 },
			{ 5, 11, "ConfigurationNeeded", "2025-03-01", NULL, 0, 0, 0 },
			{ 5, 10, "ConfigurationAndSWHardeningNeeded", "2025-02-01", NULL, 0, 0, 0 },
			{ 4, 11, "OutOfDateConfigurationNeeded", "2025-01-01", NULL, 0, 0, 0 },
			{ 4, 10, "OutOfDate", "2024-01-01", NULL, 0, 0, 0 },
		};
		static const enum dcap_status statuses[] = {
			DCAP_UP_TO_DATE,
			DCAP_SW_HARDENING_NEEDED,
			DCAP_CONFIGURATION_NEEDED,
			DCAP_CONFIGURATION_AND_SW_HARDENING_NEEDED,
			DCAP_OUT_OF_DATE_CONFIGURATION_NEEDED,
			DCAP_OUT_OF_DATE,
		};

		world_free(w);
		world_init(w, 3, SGX_QUOTE_BODY_SGX);
		world_no_levels(w, TCB_INFO);
		for (size_t i = 0; i < COUNT(levels); i++)
			world_level(w, &levels[reverse ? COUNT(levels) - 1 - i : i]);
		for (size_t i = 0; i < COUNT(levels); i++) {
			memset(w->sgx.svn, (int)levels[i].svn, 16);
			w->sgx.pcesvn = levels[i].pcesvn;
			verify(statuses[i]);
			assert_int_equal(w->result.platform_status, statuses[i]);
			assert_int_equal(w->result.current_status, statuses[i]);
		}
		memset(w->sgx.svn, 4, 16); /* a PCESVN alone does not help */
		w->sgx.pcesvn = 99;
		verify(DCAP_OUT_OF_DATE_CONFIGURATION_NEEDED);
		memset(w->sgx.svn, 6, 16);
		w->sgx.svn[15] = 5; /* one component less is the level below */
		verify(DCAP_SW_HARDENING_NEEDED);
	}
}

static void tdx_components_order_levels_and_bound_them(void **state)
{
	(void)state;
	world_init(w, 4, SGX_QUOTE_BODY_TD10);
	world_no_levels(w, TCB_INFO);
	world_level(w, LEVEL(5, 11, "UpToDate", "2025-03-01", NULL, 9, 9, 2));
	world_level(w, LEVEL(5, 11, "OutOfDate", "2025-02-01", NULL, 9, 9, 1));
	verify(DCAP_OUT_OF_DATE); /* the first two do not count with a module version */
	memset(w->td.tee_tcb_svn + 2, 2, 14);
	verify(DCAP_UP_TO_DATE);
	w->td.tee_tcb_svn[1] = 0; /* without, they do */
	assert_int_equal(world_verify(w), DCAP_E_TCB_NOT_SUPPORTED);
	world_level(w, LEVEL(5, 11, "SWHardeningNeeded", "2025-01-01", NULL, 4, 0, 2));
	verify(DCAP_SW_HARDENING_NEEDED);
	assert_int_equal(w->result.tdx_module_status, DCAP_NONE);
	assert_string_equal(w->result.tdx_module_id, "");
}

static void a_qe_that_is_out_of_date_makes_the_platform_so(void **state)
{
	(void)state;
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	world_qe_level(w, 6, "OutOfDate", "2021-11-10", NULL);
	world_qe_level(w, 2, "Revoked", "2019-01-01", NULL);
	w->qe_report.isvsvn = 7;
	verify(DCAP_OUT_OF_DATE);
	assert_int_equal(w->result.platform_status, DCAP_UP_TO_DATE);
	assert_int_equal(w->result.qe_status, DCAP_OUT_OF_DATE);
	w->qe_report.isvsvn = 5;
	verify(DCAP_REVOKED);
	assert_int_equal(w->result.qe_status, DCAP_REVOKED);
	assert_int_equal(w->result.code, 0xe032);
	w->qe_report.isvsvn = 8;
	verify(DCAP_UP_TO_DATE);
}

static void a_tdx_module_that_is_out_of_date_makes_the_platform_so(void **state)
{
	(void)state;
	world_init(w, 4, SGX_QUOTE_BODY_TD10);
	verify(DCAP_UP_TO_DATE);
	assert_int_equal(w->result.tdx_module_status, DCAP_UP_TO_DATE);
	assert_string_equal(w->result.tdx_module_id, "TDX_03");
	w->td.tee_tcb_svn[0] = 3;
	verify(DCAP_OUT_OF_DATE);
	assert_int_equal(w->result.tdx_module_status, DCAP_OUT_OF_DATE);
	assert_int_equal(w->result.platform_status, DCAP_UP_TO_DATE);
}

/* Platform, QE, module; nothing is replaced, nothing dropped. */
static void advisories_are_those_of_all_in_order_with_duplicates(void **state)
{
	static const char *const expected[] = { "P-1", "P-2", "P-1", "Q-1", "P-2", "M-2" };

	(void)state;
	world_init(w, 5, SGX_QUOTE_BODY_TD10);
	world_no_levels(w, TCB_INFO);
	world_level(w, LEVEL(5, 11, "SWHardeningNeeded", "2025-03-01", "[\"P-1\",\"P-2\",\"P-1\"]",
	                     0, 0, 1));
	world_no_levels(w, QE_IDENTITY);
	world_qe_level(w, 8, "OutOfDate", "2025-04-01", "[\"Q-1\",\"P-2\"]");
	w->td.tee_tcb_svn[0] = 2;
	verify(DCAP_OUT_OF_DATE);
	assert_int_equal(w->result.advisory_count, COUNT(expected));
	for (size_t i = 0; i < COUNT(expected); i++)
		assert_string_equal(w->result.advisory[i], expected[i]);
}

static void the_tcb_date_is_the_earliest_of_the_three(void **state)
{
	int64_t platform, qe, module;

	(void)state;
	assert_int_equal(dcap_date("2025-03-01T00:00:00Z", &platform), 0);
	assert_int_equal(dcap_date("2020-01-01T00:00:00Z", &qe), 0);
	assert_int_equal(dcap_date("2024-06-01T00:00:00Z", &module), 0);
	world_init(w, 4, SGX_QUOTE_BODY_TD10);
	w->td.tee_tcb_svn[0] = 3;
	verify(DCAP_OUT_OF_DATE);
	assert_int_equal(w->result.tcb_date, module);
	w->td.tee_tcb_svn[0] = 4;
	verify(DCAP_UP_TO_DATE);
	assert_true(w->result.tcb_date < platform); /* 2025-02-01, the module's */
	world_qe_level(w, 1, "OutOfDate", "2020-01-01", NULL);
	w->qe_report.isvsvn = 1;
	verify(DCAP_OUT_OF_DATE);
	assert_int_equal(w->result.tcb_date, qe);
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	verify(DCAP_UP_TO_DATE);
	assert_int_equal(w->result.tcb_date, platform);
}

/* Every cell of Intel's convergence: rows are platforms, columns no, OutOfDate and Revoked parts. */
static void every_status_converges_with_every_component(void **state)
{
	static const enum dcap_status cells[][3] = {
		{ DCAP_UP_TO_DATE, DCAP_OUT_OF_DATE, DCAP_REVOKED },
		{ DCAP_SW_HARDENING_NEEDED, DCAP_OUT_OF_DATE, DCAP_REVOKED },
		{ DCAP_CONFIGURATION_NEEDED, DCAP_OUT_OF_DATE_CONFIGURATION_NEEDED, DCAP_REVOKED },
		{ DCAP_CONFIGURATION_AND_SW_HARDENING_NEEDED, DCAP_OUT_OF_DATE_CONFIGURATION_NEEDED,
		  DCAP_REVOKED },
		{ DCAP_OUT_OF_DATE, DCAP_OUT_OF_DATE, DCAP_REVOKED },
		{ DCAP_OUT_OF_DATE_CONFIGURATION_NEEDED, DCAP_OUT_OF_DATE_CONFIGURATION_NEEDED,
		  DCAP_REVOKED },
		{ DCAP_REVOKED, DCAP_REVOKED, DCAP_REVOKED },
	};
	static const enum dcap_status parts[] = { DCAP_UP_TO_DATE, DCAP_OUT_OF_DATE, DCAP_REVOKED };

	(void)state;
	for (size_t i = 0; i < COUNT(cells); i++) {
		for (size_t a = 0; a < 3; a++) {
			assert_int_equal(dcap_converge(cells[i][0], NULL, 0), cells[i][0]);
			assert_int_equal(dcap_converge(cells[i][0], &parts[a], 1), cells[i][a]);
			for (size_t b = 0; b < 3; b++) {
				enum dcap_status both[] = { parts[a], parts[b] };

				assert_int_equal(dcap_converge(cells[i][0], both, 2),
				                 cells[i][a > b ? a : b]);
			}
		}
	}
}

static void every_launch_and_current_status_gives_its_relaunch_advice(void **state)
{
	(void)state;
	for (enum dcap_status launch = DCAP_UP_TO_DATE; launch < DCAP_STATUS_COUNT; launch++) {
		bool old = launch == DCAP_OUT_OF_DATE ||
		           launch == DCAP_OUT_OF_DATE_CONFIGURATION_NEEDED;

		for (enum dcap_status now = DCAP_UP_TO_DATE; now < DCAP_STATUS_COUNT; now++) {
			enum dcap_status expected = launch;

			if (old && (now == DCAP_CONFIGURATION_NEEDED ||
			            now == DCAP_CONFIGURATION_AND_SW_HARDENING_NEEDED))
				expected = DCAP_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED;
			if (old && (now == DCAP_UP_TO_DATE || now == DCAP_SW_HARDENING_NEEDED))
				expected = launch == DCAP_OUT_OF_DATE
				                   ? DCAP_TD_RELAUNCH_ADVISED
				                   : DCAP_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED;
			assert_int_equal(dcap_relaunch(launch, now), expected);
		}
	}
}

static void a_td_launched_on_an_old_module_should_be_launched_again(void **state)
{
	(void)state;
	world_init(w, 5, SGX_QUOTE_BODY_TD15);
	world_level(w, LEVEL(5, 11, "ConfigurationNeeded", "2025-03-02", NULL, 0, 0, 7));
	w->td.tee_tcb_svn[0] = 2;
	verify(DCAP_TD_RELAUNCH_ADVISED);
	assert_int_equal(w->result.current_status, DCAP_UP_TO_DATE);
	assert_int_equal(w->result.tdx_module_status, DCAP_OUT_OF_DATE);
	assert_string_equal(w->result.advisory[0], "M-2"); /* the launch's */
	memset(w->td.tee_tcb_svn2 + 2, 7, 14);
	verify(DCAP_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED);
	assert_int_equal(w->result.current_status, DCAP_CONFIGURATION_NEEDED);
	w->td.tee_tcb_svn2[0] = 3;
	memset(w->td.tee_tcb_svn2 + 2, 1, 14);
	verify(DCAP_OUT_OF_DATE); /* no better now */
	w->td.tee_tcb_svn[0] = 4;
	verify(DCAP_UP_TO_DATE); /* the launch was good */
	assert_int_equal(w->result.current_status, DCAP_OUT_OF_DATE);
}

/* Just this item has expired, and it is the earliest. */
static void expires(enum dcap_expiring item)
{
	verify(DCAP_UP_TO_DATE);
	assert_true(w->result.collateral_expired);
	for (enum dcap_expiring x = 0; x < DCAP_X_COUNT; x++) {
		assert_true(w->result.expiry[x].known);
		if (w->result.expiry[x].expired != (x == item))
			fail_msg("%s, not %s", dcap_expiring_name(x), dcap_expiring_name(item));
	}
	assert_string_equal(dcap_expiring_name(w->result.earliest), dcap_expiring_name(item));
}

static void each_item_that_expires_is_named_and_changes_no_verdict(void **state)
{
	(void)state;
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	verify(DCAP_UP_TO_DATE);
	assert_false(w->result.collateral_expired);
	assert_int_equal(w->result.earliest, DCAP_X_PCK_CRL);
	assert_int_equal(w->result.expiry[DCAP_X_PCK_CRL].until, NOW + 1000);

	w->cert[C_PCK].not_after = PAST;
	expires(DCAP_X_PCK_CERT);
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	w->crl[ROOT_CRL].next_update = PAST;
	expires(DCAP_X_ROOT_CRL);
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	w->crl[PCK_CRL].next_update = PAST;
	expires(DCAP_X_PCK_CRL);
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	world_replace(w->document[TCB_INFO], "2025-07-01", "2025-06-14");
	expires(DCAP_X_TCB_INFO);
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	world_replace(w->document[QE_IDENTITY], "2025-07-02", "2025-06-14");
	expires(DCAP_X_QE_IDENTITY);
}

/* The same certificate in several chains expires in each. */
static void certificates_of_chains_expire_by_name(void **state)
{
	(void)state;
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	w->cert[C_CA].not_after = PAST;
	verify(DCAP_UP_TO_DATE);
	assert_true(w->result.expiry[DCAP_X_INTERMEDIATE_CA].expired);
	assert_true(w->result.expiry[DCAP_X_PCK_CRL_SIGNER].expired);
	assert_false(w->result.expiry[DCAP_X_PCK_CERT].expired);
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	w->cert[C_SIGNER].not_after = PAST;
	verify(DCAP_UP_TO_DATE);
	assert_true(w->result.expiry[DCAP_X_TCB_INFO_SIGNER].expired);
	assert_true(w->result.expiry[DCAP_X_QE_IDENTITY_SIGNER].expired);
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	w->cert[C_ROOT].not_after = PAST;
	verify(DCAP_UP_TO_DATE);
	assert_true(w->result.expiry[DCAP_X_ROOT_CA].expired);
	assert_true(w->result.expiry[DCAP_X_TCB_INFO_ROOT_CA].expired);
	assert_true(w->result.expiry[DCAP_X_QE_IDENTITY_ROOT_CA].expired);
	assert_true(w->result.expiry[DCAP_X_PCK_CRL_ROOT_CA].expired);
	assert_true(w->result.collateral_expired);
}

static void a_revocation_list_has_to_have_begun_and_nothing_else(void **state)
{
	(void)state;
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	w->crl[PCK_CRL].this_update = NOW + 1;
	verify(DCAP_UP_TO_DATE);
	assert_true(w->result.expiry[DCAP_X_PCK_CRL].expired);
	assert_true(w->result.collateral_expired);
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	world_replace(w->document[TCB_INFO], "2025-06-01", "2025-06-30");
	verify(DCAP_UP_TO_DATE);
	assert_false(w->result.collateral_expired);
}

/* At the very second an item is still good, but the status counts it. */
static void the_second_of_expiry_is_counted_as_intel_counts_it(void **state)
{
	(void)state;
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	w->crl[PCK_CRL].next_update = NOW;
	verify(DCAP_UP_TO_DATE);
	assert_false(w->result.expiry[DCAP_X_PCK_CRL].expired);
	assert_true(w->result.collateral_expired);
}

static void a_result_tells_what_was_verified(void **state)
{
	(void)state;
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	verify(DCAP_UP_TO_DATE);
	assert_false(w->result.is_debug);
	assert_int_equal(w->result.signature_count, 3);
	assert_memory_equal(w->result.quote.report.mrenclave, w->report.mrenclave, 32);
	assert_memory_equal(w->result.pck.fmspc, w->sgx.fmspc, 6);
	assert_int_equal(w->result.pck.component[3], 5);
	w->report.attributes.flags |= SGX_ATTR_DEBUG;
	verify(DCAP_UP_TO_DATE);
	assert_true(w->result.is_debug);
	w->td.tdattributes[0] = SGX_TDATTR_DEBUG;
	world_init(w, 5, SGX_QUOTE_BODY_TD15);
	w->td.tdattributes[0] = SGX_TDATTR_DEBUG;
	verify(DCAP_UP_TO_DATE);
	assert_true(w->result.is_debug);
	assert_memory_equal(dcap_quote_reportdata(&w->result.quote), w->td.reportdata, 64);
}

/* What fails late still tells what came before. */
static void a_quote_that_is_not_genuine_still_has_its_identity(void **state)
{
	(void)state;
	world_init(w, 3, SGX_QUOTE_BODY_SGX);
	w->quote_signer = K_OTHER;
	assert_int_equal(world_verify(w), DCAP_E_INVALID_QUOTE_SIGNATURE);
	assert_true(w->result.has_quote);
	assert_true(w->result.has_pck);
	assert_int_equal(w->result.status, DCAP_NONE);
	assert_int_equal(w->result.advisory_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_highest_level_that_is_reached_counts_whatever_the_order_in_the_json),
		TEST(tdx_components_order_levels_and_bound_them),
		TEST(a_qe_that_is_out_of_date_makes_the_platform_so),
		TEST(a_tdx_module_that_is_out_of_date_makes_the_platform_so),
		TEST(advisories_are_those_of_all_in_order_with_duplicates),
		TEST(the_tcb_date_is_the_earliest_of_the_three),
		TEST(every_status_converges_with_every_component),
		TEST(every_launch_and_current_status_gives_its_relaunch_advice),
		TEST(a_td_launched_on_an_old_module_should_be_launched_again),
		TEST(each_item_that_expires_is_named_and_changes_no_verdict),
		TEST(certificates_of_chains_expire_by_name),
		TEST(a_revocation_list_has_to_have_begun_and_nothing_else),
		TEST(the_second_of_expiry_is_counted_as_intel_counts_it),
		TEST(a_result_tells_what_was_verified),
		TEST(a_quote_that_is_not_genuine_still_has_its_identity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
