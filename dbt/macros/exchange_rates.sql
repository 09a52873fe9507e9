{#- Money in one currency, by rates that the user gives. Rates come later than orders, and are corrected: so what
    is converted is in views, and never in tables that keep what they have. -#}

{% macro report_currency() %}
    {#- The currency to convert to. -#}
    {%- set currency = var('amazon_sp_report_currency') -%}
    {%- if execute and currency is none and var('amazon_sp_exchange_rates') is not none -%}
        {%- do exceptions.raise_compiler_error(
            'The variable `amazon_sp_exchange_rates` is set, but `amazon_sp_report_currency` is not: which currency'
            ~ ' should amounts be converted to? Set it, as USD.'
        ) -%}
    {%- endif -%}
    {{- return(currency) -}}
{% endmacro %}

{% macro in_report_currency(mart, day, columns, amounts) %}
    {#- A query for a mart with its amounts in the report currency.

        mart: The relation. It has a column `currency`.
        day: The column with the day whose rate counts; without one, that of the last day before it.
        columns: What else to show.
        amounts: The columns to convert. -#}
{%- set currency = amazon_sp.report_currency() -%}
with converting as (
    select
        mart.*,
        '{{ currency }}' as report_currency,
        case when mart.currency = '{{ currency }}' then 1 else rates.rate end as exchange_rate
    from {{ mart }} as mart
    left join {{ ref('amazon_sp', 'int_exchange_rates') }} as rates
        on mart.currency = rates.from_currency
        and mart.{{ day }} >= rates.valid_from
        and (mart.{{ day }} < rates.valid_until or rates.valid_until is null)
)

select
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    report_currency,
    exchange_rate,
    {%- for amount in amounts %}
    cast({{ amount }} * exchange_rate as {{ amazon_sp.type_named('number') }}) as {{ amount }}_converted{{ ',' if not loop.last }}
    {%- endfor %}
from converting
{%- endmacro %}
