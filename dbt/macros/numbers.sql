{#- Arithmetic that gives the same digits on both databases. -#}

{% macro ratio(numerator, denominator, digits) %}
    {#- One whole number divided by another, rounded half up; null if the second is 0 or null. It
        is exact on both databases, where division of decimals in DuckDB gives a float.

        numerator, denominator: Not negative. -#}
cast(
    cast({{ amazon_sp.whole_part(
        '(2 * ' ~ 10 ** digits ~ ' * ' ~ numerator ~ ' + ' ~ denominator ~ ')',
        'nullif(2 * ' ~ denominator ~ ', 0)',
    ) }} as numeric(27, 0)) * cast({{ '0.' ~ '0' * (digits - 1) ~ '1' }} as numeric(10, 9))
    as {{ amazon_sp.type_named('number') }}
)
{%- endmacro %}

{% macro whole_part(numerator, denominator) %}
    {{- return(adapter.dispatch('whole_part', 'amazon_sp')(numerator, denominator)) -}}
{% endmacro %}

{% macro postgres__whole_part(numerator, denominator) %}
    {{- return('div(' ~ numerator ~ ', ' ~ denominator ~ ')') -}}
{% endmacro %}

{% macro duckdb__whole_part(numerator, denominator) %}
    {{- return('(' ~ numerator ~ ' // ' ~ denominator ~ ')') -}}
{% endmacro %}
