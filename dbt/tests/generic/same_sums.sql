{% test same_sums(model, column, to, field, by) %}
{#- The sums of a column are those of a column of another model, for each group.

    by: columns that both models have, as [account, order_id]. Groups that one of the models lacks
        have the sum 0. -#}
with sums as (
    select
        {{ by | join(', ') }},
        {{ column }} as here,
        0 as there
    from {{ model }}
    union all
    select
        {{ by | join(', ') }},
        0 as here,
        {{ field }} as there
    from {{ to }}
)

select
    {{ by | join(', ') }},
    sum(here) as here,
    sum(there) as there
from sums
group by {{ by | join(', ') }}
having coalesce(sum(here), 0) <> coalesce(sum(there), 0)
{% endtest %}
