{% test known_charges(model, names) %}
{#- Warns about charges whose kind the seed `charge_kinds` does not know, and names them.

    names: the columns that name a charge; the model has `charge_kind`, `is_known_charge`
        and `amount`, too. -#}
{{ config(severity='warn') }}
{%- set query -%}
select
    {{ names | join(', ') }},
    charge_kind,
    count(*) as charges
from {{ model }}
where not is_known_charge
    and amount <> 0
group by {{ names | join(', ') }}, charge_kind
{%- endset -%}
{%- if execute and flags.WHICH in ('build', 'test') -%}
    {%- set found = run_query(query) -%}
    {%- for row in found -%}
        {%- do exceptions.warn(
            'The seed charge_kinds does not know ' ~ (row.values()[:-2] | join(' / ')) ~ ' ('
            ~ row['charges'] ~ ' amounts): it counts as `' ~ row['charge_kind'] ~ '`.'
        ) -%}
    {%- endfor -%}
select {{ found | length }} as unknown_charges
where {{ found | length }} > 0
{%- else -%}
{{ query }}
{%- endif -%}
{% endtest %}
