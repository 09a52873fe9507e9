{#- Quantities as Amazon has them, and what is counted together. -#}

{% macro eaches(quantity) %}
    {#- The number of single units in a quantity of a vendor, which may count cases. Null if it
        counts cases of unknown size. Source: Amazon's model `vendorOrders`, ItemQuantity.

        quantity: JSON with `amount`, `unitOfMeasure` and `unitSize`. -#}
(
    {{ amazon_sp.json_value(quantity, 'amount', 'integer') }}
    * case
        when {{ amazon_sp.json_value(quantity, 'unitOfMeasure', 'text') }} = 'Cases'
            then {{ amazon_sp.json_value(quantity, 'unitSize', 'integer') }}
        else 1
    end
)
{%- endmacro %}

{% macro stock_pool(fulfilled_by, country) %}
    {#- Which marketplaces share units: their rows have the same ones.

        For each marketplace of the European Union, Amazon reports the sum of all of them; the
        United Kingdom and all other marketplaces are apart. Source: the threads 452 and 360 of
        amzn/selling-partner-api-models. -#}
case
    when {{ fulfilled_by }} = 'AMAZON'
        and {{ country }} in ('BE', 'DE', 'ES', 'FR', 'IE', 'IT', 'NL', 'PL', 'SE')
        then 'EU'
    else {{ country }}
end
{%- endmacro %}
