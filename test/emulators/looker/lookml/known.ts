// The parameters LookML knows, by the block they may stand in; and those whose values are quoted.

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter(Boolean));

const FIELD = `action alias alpha_sort allow_fill bypass_suggest_restrictions can_filter case case_sensitive convert_tz
  datatype default_value description drill_fields end_location_field fanout_on fields full_suggestions group_item_label
  group_label hidden html label label_from_parameter link map_layer_name order_by_field primary_key
  required_access_grants required_fields skip_drill_filter sql sql_start sql_end string_datatype style suggest_dimension
  suggest_explore suggest_persist_for suggestable suggestions synonyms tags tiers type value_format value_format_name
  view_label sql_latitude sql_longitude start_location_field units bins bin_size intervals timeframes allow_approximate_optimization
  approximate approximate_threshold direction filters list_field percentile precision sql_distinct_key allowed_value
  required default_value based_on based_on_time period kind value_to_date allowed_values`;

/** https://cloud.google.com/looker/docs/reference/lookml-quick-reference */
export const known: Readonly<Record<string, ReadonlySet<string>>> = {
  file: words(`access_grant case_sensitive connection constant datagroup explore fiscal_month_offset include label
    map_layer named_value_format new_lookml_runtime persist_for persist_with project_name query test value_formats view
    week_start_day local_dependency remote_dependency application localization_settings application visualization
    export_manifest`),
  view: words(`derived_table dimension dimension_group drill_fields extends extends__all extension fields_hidden_by_default
    filter include label measure parameter required_access_grants set sql_table_name suggestions view_label`),
  dimension: words(FIELD),
  dimension_group: words(FIELD),
  measure: words(FIELD),
  filter: words(FIELD),
  parameter: words(FIELD),
  explore:
    words(`access_filter aggregate_table always_filter always_join cancel_grouping_fields case_sensitive
    conditionally_filter description extends extends__all extension fields from group_label hidden join label
    persist_for persist_with query required_access_grants sql_always_having sql_always_where sql_preamble
    symmetric_aggregates tags view_label view_name sql_table_name`),
  join: words(`fields foreign_key from outer_only relationship required_access_grants required_joins sql_foreign_key
    sql_on sql_table_name sql_where type view_label view_name`),
  datagroup: words('description interval_trigger label max_cache_age sql_trigger'),
  derived_table:
    words(`allow_approximate_optimization cluster_keys create_process datagroup_trigger distribution
    distribution_style explore_source increment_key increment_offset indexes interval_trigger materialized_view
    partition_keys persist_for publish_as_db_view sortkeys sql sql_create sql_trigger_value table_compression
    table_format`),
  constant: words('export value'),
  set: words('fields'),
};

/** Their values stand in double quotes; unquoted they are a syntax error in Looker, which this parser forgives. */
export const quotedParameters =
  words(`label description group_label view_label value_format connection include
  max_cache_age interval_trigger persist_for group_item_label default_value label_from_parameter`);

export const dimensionTypes = words(
  'string number yesno date date_time date_raw date_date tier zipcode location distance bin int',
);

export const measureTypes =
  words(`average average_distinct count count_distinct date date_time int list max median
  median_distinct min number percent_of_previous percent_of_total percentile percentile_distinct period_over_period
  running_total string sum sum_distinct time yesno`);

export const groupTypes = words('time duration');
