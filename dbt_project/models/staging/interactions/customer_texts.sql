{{ config(materialized='view') }}

select customer_text from {{ ref('stg_support__tickets') }}
where customer_text is not null
union
select customer_text from {{ ref('stg_support__survey_responses') }}
where customer_text is not null
{{ own_texts() }}
