//! The encrypted database: migrations, repositories, jobs.
