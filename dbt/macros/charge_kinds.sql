{#
    What an amount is in the profit and loss statement, by the names that Amazon gives it. The seed
    `charge_kinds` has the names; they are compared without regard to case, spaces and punctuation,
    because Amazon writes `GiftWrap` in one place and `Giftwrap` in another.
#}

{% macro charge_kinds_of_buyers() %}
    {#- The kinds that a buyer pays, or gets back with a refund. -#}
    {{- return(['revenue', 'shipping', 'gift_wrap', 'discounts', 'tax', 'tax_withheld']) -}}
{% endmacro %}

{% macro charge_kinds_of_fees() %}
    {#- The kinds that Amazon charges the seller. -#}
    {{- return([
        'commission', 'fulfillment_fees', 'storage_fees', 'advertising', 'subscription_fees', 'other_fees',
    ]) -}}
{% endmacro %}

{% macro charge_kind_names() %}
    {#- All kinds, in the order of a profit and loss statement. -#}
    {{- return(
        amazon_sp.charge_kinds_of_buyers() + amazon_sp.charge_kinds_of_fees()
        + ['reimbursements', 'other', 'reserves', 'transfers']
    ) -}}
{% endmacro %}

{% macro is_one_of(column, names) %}
    {#- A condition for a column with one of several texts. -#}
{{ column }} in ({% for name in names %}'{{ name }}'{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro folded_text(expression) %}
    {#- Text in lower case, without anything but letters and digits; `*` stays. -#}
regexp_replace(lower({{ expression }}), '[^a-z0-9*]', '', 'g')
{%- endmacro %}

{% macro charge_kinds_of(names, columns, candidates) %}
    {#- A query with the kind of each combination of names.

        names: A CTE or table.
        columns: The columns that name the charge, without nulls; the query has them, each
            combination once, with `charge_kind` (`other` if no name is known) and `is_known_charge`.
        candidates: Dicts of what to look up, the first that the seed knows counts: `source`, `name`
            and, if the source has types, `type` (each a SQL expression on the columns). `known_if`
            is a condition for that the name says enough to call the charge known. -#}
select
    {%- for column in columns %}
    named.{{ column }},
    {%- endfor %}
    coalesce(
        {%- for candidate in candidates %}
        kind_{{ loop.index }}.charge_kind,
        {%- endfor %}
        'other'
    ) as charge_kind,
    coalesce(
        {%- for candidate in candidates %}
        case when {{ candidate.get('known_if', 'true') }} then kind_{{ loop.index }}.charge_kind end{{ ',' if not loop.last }}
        {%- endfor %}
    ) is not null as is_known_charge
from (
    select distinct
        {%- for column in columns %}
        {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ names }}
) as named
    {%- for candidate in candidates %}
left join {{ ref('charge_kinds') }} as kind_{{ loop.index }}
    on kind_{{ loop.index }}.source = '{{ candidate.source }}'
    and {{ amazon_sp.folded_text('kind_' ~ loop.index ~ '.type') }} = {{ amazon_sp.folded_text(candidate.get('type', "'*'")) }}
    and {{ amazon_sp.folded_text('kind_' ~ loop.index ~ '.name') }} = {{ amazon_sp.folded_text(candidate.name) }}
    {%- endfor %}
{%- endmacro %}

{% macro charge_kinds_of_settlements(names) %}
    {#- A query with the kind of each combination of `transaction_type`, `amount_type` and
        `amount_description` (none of them null) of settlement reports. -#}
    {{- amazon_sp.charge_kinds_of(names, ['transaction_type', 'amount_type', 'amount_description'], [
        {'source': 'settlement', 'type': 'amount_type', 'name': 'amount_description'},
        {'source': 'settlement', 'type': 'amount_type', 'name': "'*'"},
        {'source': 'charge', 'name': 'amount_description'},
        {'source': 'charge', 'name': 'amount_type'},
        {'source': 'group', 'name': 'amount_type', 'known_if': 'false'},
        {'source': 'group', 'name': 'transaction_type', 'known_if': 'false'},
    ]) -}}
{% endmacro %}

{% macro charge_kinds_of_transactions(names) %}
    {#- A query with the kind of each combination of `transaction_type`, `description`, `charge` and
        `charge_group` (none of them null) of Finances 2024-06-19. -#}
    {{- amazon_sp.charge_kinds_of(names, ['transaction_type', 'description', 'charge', 'charge_group'], [
        {'source': 'transaction', 'type': 'transaction_type', 'name': 'description'},
        {'source': 'charge', 'name': 'charge'},
        {'source': 'transaction', 'type': 'transaction_type', 'name': "'*'", 'known_if': "charge = ''"},
        {'source': 'group', 'name': 'charge'},
        {'source': 'charge', 'name': 'charge_group', 'known_if': 'false'},
        {'source': 'group', 'name': 'charge_group', 'known_if': 'false'},
    ]) -}}
{% endmacro %}
