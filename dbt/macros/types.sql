{#- Types and conversions that PostgreSQL and DuckDB write differently. -#}

{% macro type_named(type) %}
    {#- The type of a column. Numbers have 29 digits before the point and 9 behind it. -#}
    {{- return(adapter.dispatch('type_named', 'amazon_sp')(type)) -}}
{% endmacro %}

{% macro default__type_named(type) %}
    {{- return({
        'text': 'text',
        'number': 'numeric(38, 9)',
        'integer': 'bigint',
        'boolean': 'boolean',
        'timestamp': 'timestamp with time zone',
        'date': 'date',
        'json': 'json',
    }[type]) -}}
{% endmacro %}

{% macro postgres__type_named(type) %}
    {{- return('jsonb' if type == 'json' else amazon_sp.default__type_named(type)) -}}
{% endmacro %}

{% macro converted(expression, has, type) %}
    {#- Convert a column to a type.

        has: The type of the column, in lower case. -#}
    {%- if type == 'json' -%}
        {{- return(amazon_sp.as_json(expression, has)) -}}
    {%- elif type == 'timestamp' and has.startswith('timestamp') and 'with time zone' not in has -%}
        {#- Loaders store UTC without a zone. -#}
        {{- return('(' ~ expression ~ " at time zone 'UTC')") -}}
    {%- elif type == 'date' and has.startswith('timestamp') -%}
        {{- return('cast(' ~ expression ~ ' as date)') -}}
    {%- elif type == 'text' and (has.startswith('json')) -%}
        {{- return(amazon_sp.json_text(expression, '')) -}}
    {%- elif has in ('text', 'varchar', 'character varying') -%}
        {{- return(amazon_sp.text_converted(expression, type)) -}}
    {%- endif -%}
    {%- if type == 'number' and has in ('double', 'double precision', 'real', 'float') -%}
        {#- DuckDB multiplies a float before it rounds, which changes the last digits of large amounts; its
            text has the digits that Amazon sent. -#}
        {%- set expression = 'cast(' ~ expression ~ ' as text)' -%}
    {%- endif -%}
    {{- return('cast(' ~ expression ~ ' as ' ~ amazon_sp.type_named(type) ~ ')') -}}
{% endmacro %}

{% macro text_converted(expression, type) %}
    {#- Convert text to a type; empty text is null. -#}
    {%- if type == 'text' -%}
        {{- return(expression) -}}
    {%- endif -%}
    {{- return("cast(nullif(" ~ expression ~ ", '') as " ~ amazon_sp.type_named(type) ~ ')') -}}
{% endmacro %}

{% macro json_value(document, path, type) %}
    {#- A value inside a JSON document, with a type. -#}
    {%- if type == 'json' -%}
        {{- return(amazon_sp.json_part(document, path)) -}}
    {%- endif -%}
    {{- return(amazon_sp.text_converted(amazon_sp.json_text(document, path), type)) -}}
{% endmacro %}

{% macro as_json(expression, has) %}
    {{- return(adapter.dispatch('as_json', 'amazon_sp')(expression, has)) -}}
{% endmacro %}

{% macro postgres__as_json(expression, has) %}
    {%- if has == 'jsonb' -%}
        {{- return(expression) -}}
    {%- elif has.endswith('[]') or has == 'array' -%}
        {{- return('to_jsonb(' ~ expression ~ ')') -}}
    {%- endif -%}
    {{- return("cast(nullif(cast(" ~ expression ~ " as text), '') as jsonb)") -}}
{% endmacro %}

{% macro duckdb__as_json(expression, has) %}
    {%- if has == 'json' -%}
        {{- return(expression) -}}
    {%- elif has.endswith('[]') or has.startswith('struct') -%}
        {{- return('to_json(' ~ expression ~ ')') -}}
    {%- endif -%}
    {{- return("cast(nullif(cast(" ~ expression ~ " as varchar), '') as json)") -}}
{% endmacro %}

{% macro json_text(document, path) %}
    {#- A value inside a JSON document, as text; null if it is missing or null.

        path: names of members and positions (from 0), as `breakdowns.0.type`; empty for the whole. -#}
    {{- return(adapter.dispatch('json_text', 'amazon_sp')(document, path)) -}}
{% endmacro %}

{% macro postgres__json_text(document, path) %}
    {{- return('(' ~ document ~ " #>> '{" ~ path.replace('.', ',') ~ "}')") -}}
{% endmacro %}

{% macro duckdb__json_text(document, path) %}
    {{- return('(' ~ document ~ " ->> '" ~ amazon_sp._json_pointer(path) ~ "')") -}}
{% endmacro %}

{% macro json_part(document, path) %}
    {#- A part of a JSON document, as JSON. -#}
    {{- return(adapter.dispatch('json_part', 'amazon_sp')(document, path)) -}}
{% endmacro %}

{% macro postgres__json_part(document, path) %}
    {{- return('(' ~ document ~ " #> '{" ~ path.replace('.', ',') ~ "}')") -}}
{% endmacro %}

{% macro duckdb__json_part(document, path) %}
    {{- return('(' ~ document ~ " -> '" ~ amazon_sp._json_pointer(path) ~ "')") -}}
{% endmacro %}

{% macro _json_pointer(path) %}
    {#- A path in the form that knows members and positions (RFC 6901), as PostgreSQL's paths do. -#}
    {{- return('/' ~ path.replace('.', '/') if path else '$') -}}
{% endmacro %}

{% macro json_elements(document, alias) %}
    {#- A join that gives a row for each element of a JSON array: `alias.value` (JSON) and
        `alias.position` (from 1). Whatever is not an array has no elements. -#}
    {{- adapter.dispatch('json_elements', 'amazon_sp')(document, alias) -}}
{% endmacro %}

{% macro postgres__json_elements(document, alias) -%}
cross join lateral jsonb_array_elements(
    case when jsonb_typeof({{ document }}) = 'array' then {{ document }} else '[]' end
) with ordinality as {{ alias }} (value, position)
{%- endmacro %}

{% macro duckdb__json_elements(document, alias) -%}
cross join lateral (
    select unnest(elements) as value, unnest(range(1, len(elements) + 1)) as position
    from (
        select case when json_type({{ document }}) = 'ARRAY' then cast({{ document }} as json[]) else [] end as elements
    ) as {{ alias }}_array
) as {{ alias }}
{%- endmacro %}

{% macro local_day(moment, time_zone) %}
    {#- The day of a time with zone in a time zone. -#}
cast({{ moment }} at time zone {{ time_zone }} as date)
{%- endmacro %}

{% macro marketplace_day(moment, marketplaces='marketplaces') %}
    {#- The day of a time with zone in the time zone of a marketplace; without one, in UTC.

        marketplaces: the alias of the joined seed. -#}
    {{- amazon_sp.local_day(moment, 'coalesce(' ~ marketplaces ~ ".time_zone, 'UTC')") -}}
{% endmacro %}

{% macro json_named(document, name_field, name) %}
    {#- The first object of a JSON array that has some name in a field, as JSON; else null. -#}
    {{- return(adapter.dispatch('json_named', 'amazon_sp')(document, name_field, name)) -}}
{% endmacro %}

{% macro postgres__json_named(document, name_field, name) %}
    {{- return("jsonb_path_query_first(" ~ document ~ ", '$[*] ? (@." ~ name_field ~ ' == "' ~ name ~ "\")')") -}}
{% endmacro %}

{% macro duckdb__json_named(document, name_field, name) %}
    {{- return(
        "list_extract(list_filter(case when json_type(" ~ document ~ ") = 'ARRAY' then cast(" ~ document
        ~ " as json[]) end, lambda each: each ->> '$." ~ name_field ~ "' = '" ~ name ~ "'), 1)"
    ) -}}
{% endmacro %}

{% macro json_only_text(document) %}
    {#- The text in a JSON array that has exactly one element; else null. -#}
    {{- return(adapter.dispatch('json_only_text', 'amazon_sp')(document)) -}}
{% endmacro %}

{% macro postgres__json_only_text(document) %}
    {{- return(
        'case when ' ~ document ~ " ->> 1 is null then " ~ document ~ ' ->> 0 end'
    ) -}}
{% endmacro %}

{% macro duckdb__json_only_text(document) %}
    {{- return('case when ' ~ document ~ " ->> '$[1]' is null then " ~ document ~ " ->> '$[0]' end") -}}
{% endmacro %}

{% macro json_sum(document, field) %}
    {#- The sum of all numbers that have some name anywhere in a JSON document; null if there is none. -#}
    {{- return(adapter.dispatch('json_sum', 'amazon_sp')(document, field)) -}}
{% endmacro %}

{% macro postgres__json_sum(document, field) %}
    {{- return(
        "(select sum(cast(found.value #>> '{}' as " ~ amazon_sp.type_named('number') ~ ')) from jsonb_path_query('
        ~ document ~ ", 'strict $.**." ~ field ~ "', '{}', true) as found (value))"
    ) -}}
{% endmacro %}

{% macro duckdb__json_sum(document, field) %}
    {{- return(
        'list_sum(list_transform(json_extract_string(' ~ document ~ ", '$.." ~ field
        ~ "'), lambda each: cast(each as " ~ amazon_sp.type_named('number') ~ ')))'
    ) -}}
{% endmacro %}

{% macro json_first(document, field) %}
    {#- The first text that has some name anywhere in a JSON document; null if there is none. -#}
    {{- return(adapter.dispatch('json_first', 'amazon_sp')(document, field)) -}}
{% endmacro %}

{% macro postgres__json_first(document, field) %}
    {{- return(
        '(jsonb_path_query_first(' ~ document ~ ", 'strict $.**." ~ field ~ "', '{}', true) #>> '{}')"
    ) -}}
{% endmacro %}

{% macro duckdb__json_first(document, field) %}
    {{- return('json_extract_string(' ~ document ~ ", '$.." ~ field ~ "')[1]") -}}
{% endmacro %}
